"""The model file: weights and manifest in one safetensors file; loading it executes no code."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.encoder import Encoder
from seqgen.errors import ModelFileError, PluginError, SeqgenError
from seqgen.io.atomic_files import replacing
from seqgen.models.cells.builtin_cells import CELL, cell_component, cell_names, cell_origin
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig, ShareWeightRNN
from seqgen.registry.load_plugin import printable
from seqgen.settings import settings_from, settings_to

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.models.ngram import NGram
    from seqgen.models.numpy_rnn import NumpyRNN
    from seqgen.models.sequence_model import SequenceModel
    from seqgen.registry.installed_plugins import LoadedDomain

#: Increased when files of the previous format can no longer be read.
FORMAT_VERSION = 1
#: The one key of the safetensors metadata; its value is the manifest as JSON.
MANIFEST_KEY = "seqgen"
#: The hashes of the training items, which show whether a sample is novel.
TRAINING_HASHES = "training.item_hashes"


@final
@dataclass(frozen=True, eq=False)
class TrainedModel:
    """The contents of a model file: networks, encoder and manifest.

    Args:
        networks: The networks, all of the same shape; the model is their mean.
        encoder: The fitted encoder.
        manifest: JSON values: format, domain, encoder, configurations, data card, metrics,
            the equivalence certificate.
        training_hashes: ``item_hash`` of every training item, ascending uint64.
        ngram_arrays: The counts of the n-gram baseline of the same training items, see
            ``counts_to_arrays``; empty if not stored.
        training_arrays: The training items, see ``items_to_arrays``; empty if they are too many.
        ngram_weight: The weight of the n-gram in the model; 0 for none.
    """

    networks: tuple[NumpyRNN, ...]
    encoder: Encoder[Any]
    manifest: Mapping[str, Any]
    training_hashes: NDArray[np.uint64]
    ngram_arrays: Mapping[str, NDArray[Any]]
    training_arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    ngram_weight: float = 0.0

    @functools.cached_property
    def model(self) -> SequenceModel[Any]:
        """The model that generates and scores: a network, the mean of several, or a mixture.

        Raises:
            ModelFileError: The mixture's n-gram is missing.
        """
        if len(self.networks) == 1 and not self.ngram_weight:
            return self.networks[0]
        from seqgen.models.sequence_model import Mixture

        share = (1 - self.ngram_weight) / len(self.networks)
        members: list[SequenceModel[Any]] = list(self.networks)
        weights = [share] * len(members)
        if self.ngram_weight:
            members, weights = [*members, self.ngram()], [*weights, self.ngram_weight]
        return Mixture(members, weights)

    @property
    def parameters(self) -> int:
        """The number of trained parameters of all networks."""
        return sum(network.parameters for network in self.networks)

    def training_items(self) -> list[NDArray[np.int64]] | None:
        """The token ids of every training item, each ``(T,)``; None if they are not stored.

        Raises:
            ModelFileError: The stored arrays are damaged.
        """
        from seqgen.models.stored_training_items import items_from_arrays

        return items_from_arrays(self.training_arrays)

    def ngram(self) -> NGram:
        """The n-gram baseline, built from its counts at each call.

        Raises:
            ModelFileError: The file has no counts.
        """
        from seqgen.models.ngram import NGram, counts_from_arrays

        if not {"ngram.rows", "ngram.counts"} <= self.ngram_arrays.keys():
            raise ModelFileError("the model file has no n-gram counts; retrain the model")
        order = self.ngram_arrays["ngram.rows"].shape[1]
        return NGram(order, self.networks[0].shape, counts_from_arrays(self.ngram_arrays))


def save_model(path: Path, trained: TrainedModel) -> None:
    """Write a model file atomically.

    Raises:
        ModelFileError: The file could not be opened again: a network is no ShareWeightRNN, they
            differ in their configuration, or their cell is not the one that a plugin provides.
        SeqgenError: The file cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    origin = _cell_origin(trained.networks)
    first, *more = trained.networks
    arrays: dict[str, NDArray[Any]] = {
        **first.weights,
        **{
            f"{_prefix(k)}{name}": array
            for k, network in enumerate(more, start=1)
            for name, array in network.weights.items()
        },
        **trained.ngram_arrays,
        **trained.training_arrays,
        TRAINING_HASHES: trained.training_hashes,
    }
    manifest = {
        **trained.manifest,
        "format": FORMAT_VERSION,
        "model": settings_to(first.config),
        **origin,
        "mixture": {"networks": len(trained.networks), "ngram": trained.ngram_weight},
        "shape": {
            "vocabulary_size": first.shape.vocabulary_size,
            "context_sizes": list(first.shape.context_sizes),
        },
        "encoder": trained.encoder.to_json(),
        "encoder_fingerprint": trained.encoder.fingerprint(),
    }
    with replacing(path) as temporary:
        text = json.dumps(manifest, sort_keys=True, allow_nan=False)
        try:
            save_file(arrays, temporary, metadata={MANIFEST_KEY: text})
        except SafetensorError as error:
            raise SeqgenError(f"cannot write {path}: {error}; is the disk full?") from None


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a model file; the weights are not loaded.

    Raises:
        ModelFileError: The file does not exist, is damaged, is no model file of seqgen, or has
            another format.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        # The value of a domain's flag is parsed as the model if the flag comes before the model.
        flag = len(path.parts) == 1 and not path.suffix and not path.exists()
        hint = f". If {path} is the value of a flag, give the flag after the model file"
        raise ModelFileError(
            f"no model file {path}; train one with: seqgen run DOMAIN{hint if flag else ''}"
        )
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
        manifest = json.loads(metadata[MANIFEST_KEY])
        version = manifest["format"]
        card = manifest.get("data_card", {})
        if "left_out" in card:  # its name in files that were written before skipped items had one
            card["skipped"] = card.pop("left_out")
    except (SafetensorError, OSError) as error:
        raise ModelFileError(
            f"{path} is damaged or not a model file ({error}); copy it again or retrain"
        ) from None
    except (KeyError, ValueError, TypeError):
        raise ModelFileError(
            f"{path} is a safetensors file without a seqgen manifest, written by another program"
        ) from None
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{path} has format {version}, this seqgen reads format {FORMAT_VERSION}; "
            "use the version of seqgen that wrote it, or retrain"
        )
    return dict(manifest)


def holds_training_items(path: Path) -> bool:
    """Whether a valid model file contains its training items, not only their hashes."""
    from safetensors import safe_open

    from seqgen.models.stored_training_items import LENGTHS, TOKENS

    with safe_open(path, framework="np") as file:
        return {TOKENS, LENGTHS} <= set(file.keys())


def load_model(
    path: Path, loaded: LoadedDomain, manifest: Mapping[str, Any] | None = None
) -> TrainedModel:
    """Load a model file; the installed code of the domain restores the encoder.

    Args:
        path: The model file.
        loaded: The domain.
        manifest: The manifest of the file, if it has been read already.

    Raises:
        ModelFileError: The file is damaged or belongs to another domain, its weights do not fit
            its configuration, or the installed plugin encodes differently.
    """
    import numpy as np
    from safetensors.numpy import load_file

    from seqgen.models.numpy_rnn import NumpyRNN
    from seqgen.models.stored_training_items import LENGTHS, TOKENS

    manifest = read_manifest(path) if manifest is None else manifest
    wanted = manifest.get("domain", {}).get("name")
    if loaded.domain.name != wanted:
        raise ModelFileError(
            f"{path} is for domain {wanted!r}, was loaded for {loaded.domain.name!r}"
        )
    arrays = load_file(path)
    hashes = arrays.pop(TRAINING_HASHES, np.empty(0, np.uint64))
    ngram = {name: arrays.pop(name) for name in list(arrays) if name.startswith("ngram.")}
    items = {name: arrays.pop(name) for name in (TOKENS, LENGTHS) if name in arrays}
    try:
        encoder = type(loaded.domain.encoder(loaded.domain.encoding_options())).from_json(
            manifest["encoder"]
        )
        config = settings_from(ModelConfig, manifest["model"], "model")
        _check_cell(config, manifest)
        saved = manifest["shape"]
        shape = ModelShape(saved["vocabulary_size"], tuple(saved["context_sizes"]))
        _check_fit(encoder, shape, manifest["encoder_fingerprint"], loaded)
        mixture = manifest.get("mixture", {"networks": 1, "ngram": 0.0})
        networks = tuple(
            NumpyRNN(config, shape, _network_arrays(arrays, k)) for k in range(mixture["networks"])
        )
        ngram_weight = float(mixture["ngram"])
        if not networks or not 0 <= ngram_weight < 1:
            raise ValueError(f"a mixture of {len(networks)} networks, n-gram {ngram_weight}")
    except SeqgenError as error:
        raise ModelFileError(f"{path}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(
            f"{path}: its manifest is damaged ({type(error).__name__}: {error})"
        ) from None
    return TrainedModel(networks, encoder, manifest, hashes, ngram, items, ngram_weight)


def _cell_origin(networks: Sequence[Any]) -> dict[str, Any]:
    """The entry of the manifest for a cell of a plugin; none for a cell of seqgen."""
    first = networks[0]
    for network in (first, *networks):
        if not isinstance(network, ShareWeightRNN):
            raise ModelFileError(
                f"a model file holds networks that are a seqgen.ShareWeightRNN, not "
                f"{type(network).__name__}, whose weights no file could restore"
            )
        if (network.config, network.shape) != (first.config, first.shape):
            raise ModelFileError("the networks of a model file must have one configuration")
        try:
            found = cell_component(network.config.cell)
        except PluginError as error:
            raise ModelFileError(f"the model could not be opened again: {error}") from None
        if type(found.value) is not type(network.cell):
            raise ModelFileError(
                f"the model could not be opened again: its cell {type(network.cell).__name__} is "
                f"not the {network.config.cell!r} of {found.distribution}; give it another name, "
                f"and an entry point of that name in the group {CELL.group}"
            )
    origin = cell_origin(first.config.cell)
    return {"cell": origin} if origin else {}


def _check_cell(config: ModelConfig, manifest: Mapping[str, Any]) -> None:
    """Refuse a file whose cell is not installed; the message says which distribution has it."""
    origin = manifest.get("cell")
    if origin is not None and config.cell not in cell_names():
        distribution = printable(f"{origin['distribution']}")
        raise ModelFileError(
            f"its cell {config.cell!r} is provided by {distribution} "
            f"{printable(str(origin['version']))}, which is not installed: "
            f"pip install {distribution}"
        )


def _prefix(network: int) -> str:
    """The prefix of the names of a network's weights; empty for the first."""
    return f"network{network}." if network else ""


def _network_arrays(arrays: Mapping[str, NDArray[Any]], network: int) -> dict[str, NDArray[Any]]:
    prefix = _prefix(network)
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if (name.startswith(prefix) if prefix else not name.startswith("network"))
    }


def _check_fit(
    encoder: Encoder[Any], shape: ModelShape, fingerprint: str, loaded: LoadedDomain
) -> None:
    found = ModelShape(encoder.vocabulary.size, tuple(encoder.context_sizes))
    if found != shape:
        raise ModelFileError(f"the encoder needs {found}, the weights are for {shape}")
    if not encoder.has_fingerprint(fingerprint):
        raise ModelFileError(
            f"the installed {loaded.distribution} {loaded.version} encodes differently from the "
            "one that trained this model; install that version or retrain"
        )

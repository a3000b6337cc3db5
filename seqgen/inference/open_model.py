"""OpenModel: a trained model with its domain; found by file, run or domain."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, final

from seqgen.errors import ModelFileError, PluginError, SeqgenError
from seqgen.io.run_folder import RUNS, RunFolder
from seqgen.models.model_file import load_model, read_manifest
from seqgen.registry.installed_plugins import LoadedDomain, installed_plugins, load_domain
from seqgen.registry.load_plugin import NAME
from seqgen.settings import settings_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.domains.domain import Corpus
    from seqgen.domains.encoder import Encoder
    from seqgen.generation.generator import OnToken
    from seqgen.inference.generation_config import GenerationConfig
    from seqgen.inference.item_generator import ItemGenerator
    from seqgen.models.model_file import TrainedModel
    from seqgen.models.sequence_model import SequenceModel


class OpenModel:
    """A trained model with its domain. ``seqgen.Model`` adds what users of Python call.

    Args:
        loaded: The domain.
        trained: The contents of the model file.
        path: The model file; None for a model without one, which has no receipts.
        corpus: The items that it was trained on, if they were passed from Python.
    """

    def __init__(
        self,
        loaded: LoadedDomain,
        trained: TrainedModel,
        path: Path | None = None,
        corpus: Corpus[Any] | None = None,
    ) -> None:
        self.loaded, self.trained, self.path, self.corpus = loaded, trained, path, corpus

    def generation_config(self, settings: Mapping[str, Any]) -> GenerationConfig:
        """The configuration of flags or keyword arguments over the settings saved with the model.

        Raises:
            SettingError: A name is unknown, or a value is out of its range.
        """
        from seqgen.generation.sampling_config import SamplingConfig
        from seqgen.inference.generation_config import GenerationConfig

        saved = settings_from(SamplingConfig, self.trained.manifest["generation"], "generation")
        return GenerationConfig.build(self.loaded.domain, settings, saved)

    def item_generator(
        self, config: GenerationConfig, *, receipts: bool = False, on_token: OnToken | None = None
    ) -> ItemGenerator:
        """The generator of a configuration.

        Args:
            config: What to generate.
            receipts: Whether the items have receipts.
            on_token: See ``ItemGenerator``.

        Raises:
            SeqgenError: The configuration cannot be satisfied, or the training data that
                ``max_copy`` needs is not found.
        """
        from seqgen.inference.item_generator import ItemGenerator

        domain, limit, origin = self.loaded.domain, None, None
        if config.constraints.max_copy is not None:
            from seqgen.inference.training_items import CopyLimit, TrainingItems

            items = TrainingItems.of_model(self.path, self.loaded, self.trained, self.corpus)
            limit = CopyLimit(domain, self.trained.encoder, items, config.constraints.max_copy)
        if receipts and self.path is not None:
            from seqgen.inference.receipt import Origin

            origin = Origin.of(self.path, self.loaded)
        return ItemGenerator(
            domain, self.trained, config, copy_limit=limit, origin=origin, on_token=on_token
        )


def wrap_sequence_model(
    model: SequenceModel[Any],
    encoder: Encoder[Any],
    sequences: Sequence[NDArray[np.int32]],
    longest: int,
) -> TrainedModel:
    """The contents of a model file around a sequence model that is in none.

    Args:
        model: Predicts the tokens of the encoder.
        encoder: A fitted encoder.
        sequences: The tokens of its training items, ``(T,)`` each.
        longest: Tokens of the longest item if there are no training items.

    Raises:
        SeqgenError: Model and encoder have different shapes.
    """
    import numpy as np

    from seqgen.domains.encoder import hash_items
    from seqgen.models.model_file import TrainedModel
    from seqgen.models.sequence_model import ModelShape

    shape = ModelShape(encoder.vocabulary.size, tuple(encoder.context_sizes))
    if model.shape != shape:
        raise SeqgenError(
            f"the model has {model.shape} and the encoder needs {shape}; make the model for the "
            "vocabulary of this encoder"
        )
    card = {"items": len(sequences), "longest": max(map(len, sequences), default=longest)}
    hashes = hash_items(sequences) if len(sequences) else np.empty(0, np.uint64)
    networks: Any = (model,)  # only its methods of SequenceModel are used
    return TrainedModel(networks, encoder, {"data_card": card, "generation": {}}, hashes, {})


@final
class _OneBlasThread:
    """Limits BLAS to one thread while at least one caller is inside.

    The limit is one of the process, and calls of several threads overlap: the first that enters
    sets it, and the last that leaves restores what was set before.
    """

    def __init__(self) -> None:
        self._lock, self._inside, self._limits = threading.Lock(), 0, cast(Any, None)

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            if not self._inside:
                self._limits = threadpool_limits(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limits.restore_original_limits()


_ONE_BLAS_THREAD = _OneBlasThread()


def limit_blas_threads() -> AbstractContextManager[None]:
    """Run the products of a step on one thread: they are so small that more threads slow them."""
    return _ONE_BLAS_THREAD


@final
@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A model file with its domain; the weights are not loaded yet.

    Args:
        path: The model file.
        loaded: Its domain.
        manifest: The manifest of the file.
        named: Whether the file itself was named, rather than a domain or a run folder.
    """

    path: Path
    loaded: LoadedDomain
    manifest: Mapping[str, Any]
    named: bool = True

    def open(self) -> OpenModel:
        """Load the weights.

        Raises:
            ModelFileError: The file is damaged, or the installed plugin encodes differently.
        """
        return OpenModel(self.loaded, load_model(self.path, self.loaded, self.manifest), self.path)


def resolve_target(
    text: str | Path | LoadedDomain, domain_file: str | LoadedDomain | None = None
) -> Target:
    """The model that a person names.

    Args:
        text: A model file, a run folder, or the name or .py file of a domain, or the domain. For a
            domain it is the newest model under ``runs/<domain>/``, or else the model that the
            plugin ships.
        domain_file: The .py file of the domain, for a model that was trained from one; or the
            domain.

    Raises:
        SeqgenError: There is no such file, run or domain, the model file cannot be read, or its
            domain is not installed.
    """
    if isinstance(text, LoadedDomain):
        model = find_model(text)
        return Target(model, text, _manifest_for(model, text), named=False)
    path, name = Path(text), str(text)
    if path.is_dir() and (model := RunFolder(path).model).is_file():
        return _from_file(model, domain_file, named=False)
    if name.endswith(".py") or (NAME.match(name) and name in installed_plugins()):
        domain = domain_file or name
        return resolve_target(domain if isinstance(domain, LoadedDomain) else load_domain(domain))
    if path.is_dir():
        raise ModelFileError(
            f"the folder {path} holds no model ({RunFolder(path).model.name}); give a run folder "
            "of a finished training, a model file or the name of a domain"
        )
    if not path.exists():
        raise ModelFileError(_not_found(name))
    return _from_file(path, domain_file, named=True)


def find_model(loaded: LoadedDomain) -> Path:
    """The newest model under ``runs/<domain>/``, or else the one that the plugin ships.

    Raises:
        ModelFileError: There is neither.
    """
    name = loaded.domain.name
    run = RunFolder.latest(name)
    if run is not None:
        return run.model
    if loaded.domain.model is None:
        raise ModelFileError(
            f"domain {name!r} ships no model and {RUNS / name} holds none; train one with: "
            f"seqgen run {loaded.source}"
        )
    return loaded.domain.model


def _from_file(path: Path, domain_file: str | LoadedDomain | None, named: bool) -> Target:
    manifest = read_manifest(path)
    return Target(path, _domain_of(path, manifest, domain_file), manifest, named)


def _manifest_for(path: Path, loaded: LoadedDomain) -> Mapping[str, Any]:
    manifest = read_manifest(path)
    found = manifest.get("domain", {}).get("name")
    if found != loaded.domain.name:
        raise ModelFileError(f"{path} is for domain {found!r}, not for {loaded.domain.name!r}")
    return manifest


def _domain_of(
    path: Path, manifest: Mapping[str, Any], domain_file: str | LoadedDomain | None
) -> LoadedDomain:
    """The domain of a model file. A path in a model file is never followed: loading runs code."""
    if isinstance(domain_file, LoadedDomain):
        return domain_file
    saved = manifest.get("domain", {})
    name = str(saved.get("name"))
    try:
        if domain_file is None and not NAME.match(name):
            raise PluginError("that is no name of a domain; give the domain's .py file")
        return load_domain(domain_file or name)
    except PluginError as error:
        if domain_file:
            raise
        source = str(saved.get("distribution"))
        if source.endswith(".py"):
            raise PluginError(
                f"{path} was trained from the domain file {source}; give that file with "
                f"--domain path/to/{source}"
            ) from None
        raise PluginError(
            f"{path} is a model for domain {saved.get('name')!r} of {source} "
            f"{saved.get('version')}, which cannot be loaded ({error}); install it, or give "
            "the domain's file with --domain (in Python, seqgen.load also takes a Domain)"
        ) from None


def _not_found(name: str) -> str:
    """The message for a name of nothing, with the most similar name."""
    folder = Path(name).parent
    files = [*folder.glob("*.safetensors"), *(p.parent for p in folder.glob("*/*.safetensors"))]
    known = [*installed_plugins(), *sorted({str(path) for path in files})]
    close = difflib.get_close_matches(name, known, n=1)
    suggestion = f"; did you mean {close[0]}?" if close else ""
    installed = ", ".join(installed_plugins()) or "none"
    # The value of a domain's flag is read as the target if the flag comes first.
    flag = not name.endswith(".safetensors") and len(Path(name).parts) == 1
    order = f". If {name} is the value of a flag, give flags after the model" if flag else ""
    return (
        f"no model file, run folder or domain {name!r}{suggestion} (installed domains: "
        f"{installed}; train a model with: seqgen run DOMAIN){order}"
    )

"""Model: a trained model that generates and scores from Python; opened by file, run or domain."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import ModelFileError, PluginError
from seqgen.io.run_folder import RUNS, RunFolder
from seqgen.models.model_file import load_model, read_manifest
from seqgen.registry.installed_plugins import LoadedDomain, installed_plugins, load_domain
from seqgen.registry.load_plugin import NAME
from seqgen.settings import settings_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.generation.generator import OnToken
    from seqgen.inference.generation_config import GenerationConfig
    from seqgen.inference.item_generator import GeneratedItem, ItemGenerator
    from seqgen.models.model_file import TrainedModel


@final
class Model:
    """A trained model with its domain: ``seqgen generate`` and ``seqgen score`` for Python.

    Opened by ``seqgen.open_model``. It needs neither Keras nor TensorFlow.

    Args:
        loaded: The domain.
        trained: The contents of the model file.
        path: The model file; None for a model without one, which has no receipts.
    """

    def __init__(
        self, loaded: LoadedDomain, trained: TrainedModel, path: Path | None = None
    ) -> None:
        self.loaded, self.trained, self.path = loaded, trained, path

    def generate(self, count: int, **settings: Any) -> list[GeneratedItem]:
        """The first ``count`` items of a seed; the same as ``seqgen generate -n count``.

        Args:
            count: How many, at least 1; a search may find that fewer are possible.
            settings: Flags of ``seqgen generate`` by name: sampling (``temperature=0.8, seed=7``),
                constraints (``match="tri.*"``), options of the domain (``starts_with="tri"``),
                ``prompt`` and ``best``. The default of each is the value saved with the model.

        Returns:
            Items with ``sample.item``, ``text``, ``novel`` and, in ``sample``, index, tokens,
            log-probabilities in nats and the finish reason.

        Raises:
            SettingError: A name is unknown, or a value is out of its range.
            SeqgenError: The settings cannot be satisfied.
        """
        from seqgen.inference.item_generator import select_best

        config = self.generation_config({**settings, "count": count})
        with limit_blas_threads():
            items = list(self.item_generator(config).first(config.count))
        return select_best(self.loaded.domain, items, config.best)

    def nats(self, items: Sequence[Any]) -> list[NDArray[np.float64]]:
        """The negative log-likelihood of each token of each item.

        Args:
            items: Items of the domain.

        Returns:
            For each item ``(T + 1,)`` nats: its tokens, then the end token.

        Raises:
            SeqgenError: An item cannot be encoded.
        """
        from seqgen.evaluation.likelihood import token_nats

        encoder = self.trained.encoder
        encoded = [encoder.encode(item) for item in items]
        with limit_blas_threads():
            return list(token_nats(self.trained.model, encoded, encoder.vocabulary))

    def write(
        self, items: Sequence[GeneratedItem], folder: str | Path, *, overwrite: bool = False
    ) -> list[Path]:
        """Write items as ``seqgen generate --out`` does; returns the paths.

        Args:
            items: The items.
            folder: The folder to write to.
            overwrite: Replace files of the same names that an earlier call wrote. Files of a
                call with more items remain.

        Raises:
            SeqgenError: The folder holds samples and ``overwrite`` is False, or it cannot be
                written to.
        """
        from seqgen.inference.item_generator import check_no_earlier_samples, write_items

        if not overwrite:
            check_no_earlier_samples(Path(folder))
        return write_items(self.loaded.domain, items, Path(folder))

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

            items = TrainingItems.of_model(self.path, self.loaded, self.trained)
            limit = CopyLimit(domain, self.trained.encoder, items, config.constraints.max_copy)
        if receipts and self.path is not None:
            from seqgen.inference.receipt import Origin

            origin = Origin.of(self.path, self.loaded)
        return ItemGenerator(
            domain, self.trained, config, copy_limit=limit, origin=origin, on_token=on_token
        )


@contextmanager
def limit_blas_threads() -> Iterator[None]:
    """Run the products of a step on one thread: they are so small that more threads slow them."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


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

    def open(self) -> Model:
        """Load the weights.

        Raises:
            ModelFileError: The file is damaged, or the installed plugin encodes differently.
        """
        return Model(self.loaded, load_model(self.path, self.loaded, self.manifest), self.path)


def resolve_target(text: str | Path, domain_file: str | None = None) -> Target:
    """The model that a person names.

    Args:
        text: A model file, a run folder, or the name or .py file of a domain. For a domain it is
            the newest model under ``runs/<domain>/``, or else the model that the plugin ships.
        domain_file: The .py file of the domain, for a model that was trained from one.

    Raises:
        SeqgenError: There is no such file, run or domain, the model file cannot be read, or its
            domain is not installed.
    """
    path, name = Path(text), str(text)
    if path.is_dir() and (model := RunFolder(path).model).is_file():
        return _from_file(model, domain_file, named=False)
    if name.endswith(".py") or (NAME.match(name) and name in installed_plugins()):
        loaded = load_domain(domain_file or name)
        model = find_model(loaded)
        return Target(model, loaded, _manifest_for(model, loaded), named=False)
    if path.is_dir():
        raise ModelFileError(
            f"the folder {path} holds no model ({RunFolder(path).model.name}); give a run folder "
            "of a finished training, a model file or the name of a domain"
        )
    if not path.exists():
        raise ModelFileError(_not_found(name))
    return _from_file(path, domain_file, named=True)


def open_model(name: str | Path, domain: str | None = None) -> Model:
    """Open a trained model.

    Args:
        name: A model file, a run folder, or a domain's name: its newest model under
            ``runs/<domain>/``, or else the model that the plugin ships.
        domain: The domain's ``.py`` file, for a model that was trained from one.

    Raises:
        SeqgenError: There is no such model, it cannot be read, or its domain is not installed.
    """
    return resolve_target(name, domain).open()


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


def _from_file(path: Path, domain_file: str | None, named: bool) -> Target:
    manifest = read_manifest(path)
    return Target(path, _domain_of(path, manifest, domain_file), manifest, named)


def _manifest_for(path: Path, loaded: LoadedDomain) -> Mapping[str, Any]:
    manifest = read_manifest(path)
    found = manifest.get("domain", {}).get("name")
    if found != loaded.domain.name:
        raise ModelFileError(f"{path} is for domain {found!r}, not for {loaded.domain.name!r}")
    return manifest


def _domain_of(path: Path, manifest: Mapping[str, Any], domain_file: str | None) -> LoadedDomain:
    """The domain of a model file. A path in a model file is never followed: loading runs code."""
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
            "the domain's file with --domain"
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

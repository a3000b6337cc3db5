"""Opening a model file: the domain it is for, and a Model that generates and scores from Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import PluginError, SettingError
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.registry.validation import NAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.models.model_file import TrainedModel


@final
class Model:
    """A trained model with its domain: what ``seqgen generate`` and ``seqgen score`` do.

    Made by ``seqgen.open_model``. It needs neither Keras nor TensorFlow.

    Args:
        loaded: The domain.
        trained: What the model file holds.
    """

    def __init__(self, loaded: LoadedDomain, trained: TrainedModel) -> None:
        self.loaded, self.trained = loaded, trained

    def generate(self, count: int, *, prompt: str = "", **settings: Any) -> list[GeneratedItem]:
        """The first ``count`` items of a seed; the same ones as ``seqgen generate -n count``.

        Args:
            count: How many, at least 1; a search may find that fewer are possible.
            prompt: What every item begins with, as ``--prompt`` takes it.
            settings: Flags of ``seqgen generate`` by name: settings of generation
                (``temperature=0.8, seed=7``), demands (``match="tri.*"``), the domain's own
                (``starts_with="tri"``). What is not given is as the model was saved.

        Returns:
            Items with ``sample.item``, ``text``, ``novel`` and, in ``sample``, index, tokens,
            log-probabilities in nats and the finish reason.

        Raises:
            SettingError: A name is unknown, or a value out of its range.
            SeqgenError: What is asked for cannot be satisfied.
        """
        from seqgen.inference.item_generator import SampleRun

        if count < 1:
            raise SettingError(f"count must be at least 1, was {count}")
        config, demands, options = self._shared_out(settings)
        run = SampleRun(self.loaded.domain, self.trained, config, options, prompt, demands=demands)
        return list(run.first(count))

    def nats(self, items: Sequence[Any]) -> list[NDArray[np.float64]]:
        """How surprising each token of each item is; the less, the better the model knows it.

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
        return list(token_nats(self.trained.model, encoded, encoder.vocabulary))

    def write(self, items: Sequence[GeneratedItem], folder: str | Path) -> list[Path]:
        """Write items as ``seqgen generate --out`` does; gives the paths.

        Raises:
            SeqgenError: The folder holds samples already, or cannot be written to.
        """
        from seqgen.inference.generated_items import check_free, write_items

        check_free(Path(folder))
        return write_items(self.loaded.domain, items, Path(folder))

    def _shared_out(self, settings: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """Generation's settings, demands and the domain's options out of one set of names."""
        from dataclasses import replace

        from seqgen.generation.config import GenerateConfig
        from seqgen.inference.constraints import NOTHING
        from seqgen.settings import settings_from

        saved = self.trained.manifest["generation"]
        parts = (
            settings_from(GenerateConfig, saved, "generation"),
            NOTHING,
            self.loaded.domain.generation_options(),
        )
        names = [{item.name for item in fields(part)} for part in parts]
        known = set().union(*names)
        for name in settings:
            if name not in known:
                raise SettingError(
                    f"unknown setting {name!r}; known are {', '.join(sorted(known))}"
                )
        config, demands, options = (
            replace(part, **{k: v for k, v in settings.items() if k in own})
            for part, own in zip(parts, names, strict=True)
        )
        return config, demands, options


def open_model(path: str | Path, domain: str | None = None) -> Model:
    """Open a model file from Python.

    Args:
        path: The model file.
        domain: The domain's ``.py`` file, for a model that was trained from one.

    Raises:
        SeqgenError: The file cannot be read, or its domain is not installed.
    """
    return Model(*load_parts(Path(path), domain))


def load_parts(path: Path, domain_file: str | None) -> tuple[LoadedDomain, TrainedModel]:
    """The domain and the model of a model file.

    Raises:
        SeqgenError: The file cannot be read, or its domain is not installed.
    """
    from seqgen.models.model_file import load_model

    loaded = domain_of_model(path, domain_file)
    return loaded, load_model(path, loaded)


def domain_of_model(path: Path, domain_file: str | None) -> LoadedDomain:
    """The domain that a model file was trained for.

    A domain file is run only when the user names it: a path in a model file is never followed.

    Raises:
        SeqgenError: The file cannot be read, or its domain is not installed.
    """
    from seqgen.models.model_file import read_manifest

    wanted = read_manifest(path).get("domain", {})
    name = str(wanted.get("name"))
    try:
        if domain_file is None and not NAME.match(name):
            raise PluginError("that is no name of a domain; give the domain's .py file")
        return load_domain(domain_file or name)
    except PluginError as error:
        if domain_file:
            raise
        source = str(wanted.get("distribution"))
        if source.endswith(".py"):
            raise PluginError(
                f"{path} was trained from the domain file {source}; give that file with "
                f"--domain path/to/{source}"
            ) from None
        raise PluginError(
            f"{path} is a model for domain {wanted.get('name')!r} of {source} "
            f"{wanted.get('version')}, which cannot be loaded ({error}); install it, or give "
            "the domain's file with --domain"
        ) from None

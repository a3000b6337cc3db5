"""Model: a trained model that generates and scores from Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.registry.registry import LoadedDomain
from seqgen.settings import settings_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.generation.generator import OnToken
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.inference.generation_config import GenerationConfig
    from seqgen.inference.item_generator import ItemGenerator
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
        from seqgen.inference.generated_items import select_best

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
        from seqgen.inference.generated_items import check_no_earlier_samples, write_items

        if not overwrite:
            check_no_earlier_samples(Path(folder))
        return write_items(self.loaded.domain, items, Path(folder))

    def generation_config(self, settings: Mapping[str, Any]) -> GenerationConfig:
        """The configuration of flags or keyword arguments over the settings saved with the model.

        Raises:
            SettingError: A name is unknown, or a value is out of its range.
        """
        from seqgen.generation.config import SamplingConfig
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

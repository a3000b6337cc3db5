"""Model: a trained model for Python: generate, stream, score, evaluate, report, save."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Unpack, final

from seqgen.api.items import Items, check_generated_items, encode_items, unwrap_items
from seqgen.domains.domain import Corpus, Domain
from seqgen.errors import DataError, SeqgenError, SettingError
from seqgen.inference.open_model import OpenModel, limit_blas_threads, resolve_target
from seqgen.io.run_folder import RunFolder
from seqgen.registry.installed_plugins import locate_domain
from seqgen.settings import options_to_values

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import TypeVar

    from seqgen.api.metrics import Metrics
    from seqgen.api.setting_types import GenerateSettings, StreamSettings
    from seqgen.domains.encoder import Encoder
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.inference.generation_config import GenerationConfig
    from seqgen.models.sequence_model import SequenceModel

    Item = TypeVar("Item", default=Any)
else:
    from typing import TypeVar

    Item = TypeVar("Item")


@final
class Model(OpenModel, Generic[Item]):
    """A trained model with its domain, made by ``seqgen.train`` and ``seqgen.load``.

    Everything but ``seqgen.train`` works without Keras and TensorFlow. A notebook shows a model as
    its data card, its metrics next to baselines, and its learning curve.

    Args:
        loaded: The domain.
        trained: The contents of the model file.
        path: The model file; None for a model without one, which has no receipts.
        corpus: The items that it was trained on, if they were passed from Python.
    """

    @classmethod
    def from_sequence_model(
        cls,
        domain: str | Path | Domain[Item],
        model: SequenceModel[Any],
        encoder: Encoder[Item],
        training_items: Sequence[Item] = (),
        longest: int = 100,
    ) -> Model[Item]:
        """A model of your own that generates and scores the items of a domain.

        Args:
            domain: The domain's name, the path of its ``.py`` file, or the object.
            model: Predicts the tokens of the encoder.
            encoder: A fitted encoder of the domain.
            training_items: What the model was trained on: such items are not novel.
            longest: Tokens of the longest item if there are no training items; without
                ``max_tokens`` items have at most four times as many.

        Raises:
            SeqgenError: Model and encoder have different shapes, or an item cannot be encoded.
        """
        from seqgen.inference.open_model import wrap_sequence_model

        loaded = locate_domain(domain)
        encoded = encode_items(loaded.domain, encoder, training_items)
        sequences = [entry.tokens for entry in encoded]
        return cls(loaded, wrap_sequence_model(model, encoder, sequences, longest))

    @property
    def domain(self) -> Domain[Item]:
        """The domain of its items."""
        return self.loaded.domain

    @property
    def metrics(self) -> Metrics | None:
        """The scores of its held-out items next to those of baselines; None if it has none."""
        from seqgen.api.metrics import Metrics

        found = self.trained.manifest.get("metrics")
        return Metrics(found["held_out"], "held-out items") if found else None

    @property
    def history(self) -> list[dict[str, float]]:
        """The metrics of each epoch of each network of its training, oldest first.

        The keys are ``network``, ``epoch``, ``train_nats``, ``validation_nats`` and ``seconds``.
        It is read from the run folder; a model that is in none, such as a shipped one, has no
        history.
        """
        folder = None if self.path is None else RunFolder(self.path.parent)
        if folder is None or folder.model != self.path or not folder.history.is_file():
            return []
        whole = ("network", "epoch")
        return [
            {name: int(value) if name in whole else float(value) for name, value in row.items()}
            for row in folder.read_history()
        ]

    def generate(
        self,
        count: int | None = None,
        *,
        start: int = 0,
        receipts: bool | None = None,
        options: Any = None,
        **settings: Unpack[GenerateSettings],
    ) -> Items[Item]:
        """Generate items; the same as ``seqgen generate -n count``.

        Item number ``index`` of a seed is always the same, alone or among others.

        Args:
            count: How many, at least 1 (default 10); a search may find that fewer are possible.
            start: The index of the first one, at least 0.
            receipts: Whether items have a receipt, from which ``seqgen replay`` generates them
                again: True, False, or None for receipts if the model has a file.
            options: Options of the domain by name, or an instance of its ``generation_options``.
                They can also be given as keyword arguments (``starts_with="tri"``), which a type
                checker does not know.
            settings: Flags of ``seqgen generate`` by name: sampling (``temperature=0.8, seed=7``),
                constraints (``match="tri.*"``), ``prompt`` and ``best``. The default of each is
                the value saved with the model.
                ``sampler`` can also be a ``seqgen.Sampler``, and ``processors`` a sequence of
                ``seqgen.LogitsProcessor``; items then have no receipt.

        Returns:
            A list of items with ``item``, ``text``, ``novel``, ``receipt`` and, in ``sample``,
            index, tokens, log-probabilities in nats and the finish reason.

        Raises:
            SettingError: A name is unknown, or a value is out of its range.
            SeqgenError: The settings cannot be satisfied, or receipts are required and the model
                has no file.
        """
        from seqgen.inference.generated_items import select_best

        _check_index("start", start)
        values = {**settings, **options_to_values(options), "count": count}
        config = self.generation_config(values)
        generator = self.item_generator(config, receipts=self._with_receipts(receipts, config))
        with limit_blas_threads():
            items = list(generator.first(config.count, start))
        return Items(select_best(self.domain, items, config.best), self.domain)

    def stream(
        self,
        prompt: str = "",
        *,
        start: int = 0,
        stop: int | None = None,
        on_token: Callable[[int, str], None] | None = None,
        receipts: bool | None = None,
        options: Any = None,
        **settings: Unpack[StreamSettings],
    ) -> Iterator[GeneratedItem[Item]]:
        """Yield items one after the other: those of ``generate``, in the same order.

        Close the iterator (``stream.close()``, or leave the loop) to stop; an exception that
        ``on_token`` raises stops it inside an item.

        Args:
            prompt: The symbols that every item begins with.
            start: The index of the first item, at least 0.
            stop: The index before which it ends; None for no end.
            on_token: Called with each generated token when it is chosen: the index of the item and
                the symbol.
            receipts: As for ``generate``.
            options: As for ``generate``.
            settings: As for ``generate``, without ``best``.

        Raises:
            SettingError: As for ``generate``; or ``on_token`` is set with a setting that rejects
                items.
            SeqgenError: As for ``generate``.
        """
        _check_index("start", start)
        if stop is not None:
            _check_index("stop", stop)
        values = {**settings, **options_to_values(options), "prompt": prompt}
        for name in ("best", "count"):
            if values.get(name) is not None:
                raise SettingError(f"{name} chooses among all items of a call: use generate", name)
        config = self.generation_config(values)
        constraints = config.constraints
        if on_token and (constraints.unbiased or constraints.max_copy is not None):
            raise SettingError(
                "unbiased and max_copy reject items after they are generated, and on_token is "
                "called for each token when it is chosen: omit one of them"
            )
        symbols = self.trained.encoder.vocabulary.symbols
        generator = self.item_generator(
            config,
            receipts=self._with_receipts(receipts, config),
            on_token=None if on_token is None else lambda at, token: on_token(at, symbols[token]),
        )
        return self._stream(generator.first, start, stop, config.sampling.batch_size, on_token)

    def _stream(
        self,
        first: Callable[[int, int], Iterator[GeneratedItem[Item]]],
        start: int,
        stop: int | None,
        batch_size: int,
        on_token: object,
    ) -> Iterator[GeneratedItem[Item]]:
        """Batches that grow to the batch size: the first item comes soon, the others are quick."""
        for power in itertools.count():
            size = 1 if on_token is not None else min(2**power, batch_size)
            size = size if stop is None else min(size, stop - start)
            if size <= 0:
                return
            with limit_blas_threads():
                items = list(first(size, start))
            # Items of the domain that are rejected take indices too.
            yield from (item for item in items if stop is None or item.sample.index < stop)
            if len(items) < size:
                return  # a search finds no more
            start = items[-1].sample.index + 1

    def score(self, items: Sequence[Item | GeneratedItem[Item]]) -> list[NDArray[np.float64]]:
        """The negative log-likelihood of each token of each item.

        Args:
            items: Items of the domain, or generated ones.

        Returns:
            For each item ``(T + 1,)`` nats: its tokens, then the end token.

        Raises:
            SeqgenError: An item cannot be encoded.
        """
        from seqgen.evaluation.likelihood import token_nats

        encoded = encode_items(self.domain, self.trained.encoder, items)
        with limit_blas_threads():
            return list(token_nats(self.trained.model, encoded, self.trained.encoder.vocabulary))

    def evaluate(self, items: Sequence[Item | GeneratedItem[Item]] | Corpus[Item]) -> Metrics:
        """Score items as ``seqgen evaluate`` does: nats per token with interval, and baselines.

        Args:
            items: Items of the domain, generated ones, or a corpus with groups.

        Raises:
            SeqgenError: An item cannot be encoded, or the model has no n-gram to compare with.
        """
        from seqgen.api.metrics import Metrics
        from seqgen.runs.score_model import score_corpus

        if not isinstance(items, Corpus):
            items = Corpus(tuple(unwrap_items(items)))
        if not items.items:
            raise DataError("items must hold at least one item, was empty")
        # An item that cannot be encoded is an error here, and is not skipped.
        encode_items(self.domain, self.trained.encoder, items.items)
        with limit_blas_threads():
            return Metrics(score_corpus(self.trained, items))

    def write(
        self,
        items: Sequence[GeneratedItem[Item]],
        folder: str | Path,
        *,
        overwrite: bool = False,
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

        check_generated_items(items)
        if not overwrite:
            check_no_earlier_samples(Path(folder))
        return write_items(self.domain, items, Path(folder))

    def save(self, path: str | Path) -> Path:
        """Write the model to a file that ``seqgen.load`` opens; returns its path.

        Raises:
            SeqgenError: The file cannot be written, or the model was made from a sequence model
                that model files cannot hold.
        """
        from seqgen.models.model_file import save_model
        from seqgen.models.numpy_rnn import NumpyRNN

        if not all(isinstance(network, NumpyRNN) for network in self.trained.networks):
            raise SeqgenError(
                "a model file holds networks of seqgen only, so a model made by "
                "from_sequence_model cannot be saved: save what it was made from"
            )
        save_model(Path(path), self.trained)
        return Path(path)

    def report(self, path: str | Path, count: int = 200) -> Path:
        """Write the page of ``seqgen report``: all measurements of the model; returns its path.

        The data is read again from where the training read it.

        Args:
            path: The HTML file.
            count: The number of samples to measure, at least 1.

        Raises:
            SeqgenError: The model has no run folder and is not shipped, or its data has changed.
        """
        from seqgen.inference.generation_config import check_count
        from seqgen.io.atomic_files import write_file
        from seqgen.report.report_measurements import measure
        from seqgen.report.report_page import page
        from seqgen.runs.open_run import OpenRun

        check_count("count", count)
        if self.path is None:
            raise SeqgenError("a report needs the data of a training, and this model has no file")
        target = resolve_target(self.path, self.loaded)
        with limit_blas_threads():
            measured = measure(OpenRun.of_target(target, self.corpus), count)
        return write_file(Path(path), page(measured))

    def about(self) -> str:
        """One sentence: networks, parameters, score, file."""
        count, weight = len(self.trained.networks), self.trained.ngram_weight
        parts = [f"{count} network{'s' * (count != 1)}{' and an n-gram' if weight else ''}"]
        if (metrics := self.metrics) is not None:
            parts += [f"{self.trained.parameters:,} parameters", metrics.summary()]
        if self.trained.manifest.get("training_ended", {}).get("ended") == "interrupted":
            parts.append("training interrupted")
        return ", ".join([*parts, "not saved" if self.path is None else str(self.path)])

    def __repr__(self) -> str:
        return f"<Model of {self.domain.name}: {self.about()}>"

    def _repr_html_(self) -> str:
        from seqgen.api.notebook_html import model_html

        card, metrics = self.trained.manifest["data_card"], self.metrics
        scores = metrics.to_html() if metrics is not None else ""
        return model_html(self.domain, self.about(), card, scores, self.history)

    def _with_receipts(self, receipts: bool | None, config: GenerationConfig) -> bool:
        if receipts and self.path is None:
            raise SeqgenError(
                "a receipt names the model file, and this model has none: save it and load the "
                "file, or omit receipts"
            )
        if receipts is None:
            return self.path is not None and not config.has_objects
        return receipts


def _check_index(name: str, index: int) -> None:
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise SettingError(f"{name} must be a whole number >= 0, was {index!r}", name)


def load(
    name: str | Path | Domain[Item], domain: str | Path | Domain[Item] | None = None
) -> Model[Item]:
    """Open a trained model.

    Args:
        name: A model file, a run folder, or a domain or its name: its newest model under
            ``runs/<domain>/``, or else the model that the plugin ships.
        domain: The domain of a model that was trained from a ``.py`` file or from a domain
            object: that file or object.

    Raises:
        SeqgenError: There is no such model, it cannot be read, or its domain is not installed.
    """
    if not isinstance(name, str | Path | Domain):
        raise SeqgenError(f"a model is named by a path or by its domain, was {name!r}")
    origin = None if domain is None else locate_domain(domain)
    target = resolve_target(locate_domain(name) if isinstance(name, Domain) else name, origin)
    opened = target.open()
    return Model(opened.loaded, opened.trained, opened.path)


#: The earlier name of ``load``.
open_model = load

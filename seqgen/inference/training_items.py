"""TrainingItems: the items that a model was trained on, and the limit on copying from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.domain import Domain, load_corpus
from seqgen.domains.encoder import is_novel, item_hash
from seqgen.domains.result_types import Passages
from seqgen.errors import DataError, SeqgenError
from seqgen.evaluation.copying import CopyMeter, copy_meters
from seqgen.io.run_folder import RunFolder, RunRecord

if TYPE_CHECKING:
    from seqgen.domains.domain import Corpus
    from seqgen.domains.encoder import Encoder
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.installed_plugins import LoadedDomain


@final
@dataclass(frozen=True, slots=True, eq=False)
class TrainingItems:
    """Items in which copied passages are searched.

    Args:
        items: The items.
        sources: The file of each item; empty if the domain does not say.
        name: What they are, for messages.
    """

    items: Sequence[Any]
    sources: Sequence[str]
    name: str

    @classmethod
    def of_corpus(cls, corpus: Corpus[Any], name: str) -> TrainingItems:
        """All items of a corpus."""
        return cls(corpus.items, corpus.sources, name)

    @classmethod
    def of_model(
        cls,
        path: Path | None,
        loaded: LoadedDomain,
        trained: TrainedModel,
        corpus: Corpus[Any] | None = None,
    ) -> TrainingItems:
        """The items that a model was trained on.

        They are read from the data that the record of the run folder names, or else from the
        domain's own data. The model file stores the hash of each.

        Args:
            path: The model file; None for the domain's own data.
            loaded: The domain.
            trained: The model.
            corpus: The data, if the training read none from a file.

        Raises:
            DataError: They are not found, or have changed since.
        """
        failure = f"training data of {path or 'the model'} not found; cannot check for copying"
        where = "the data that was passed"
        try:
            if corpus is None:
                source, options = _data_of(path, loaded.domain)
                where = str(source) if source is not None else f"the data of {loaded.distribution}"
                corpus = load_corpus(loaded.domain, source, options)
        except SeqgenError as error:
            raise DataError(f"{failure}: {error}") from None
        indices, seen = [], set()
        for index, item in enumerate(corpus.items):
            digest = _training_hash(trained, item)
            if digest is not None:
                indices.append(index)
                seen.add(digest)
        if len(seen) != len(trained.training_hashes):
            raise DataError(
                f"{failure}: {where} holds {len(seen):,} of its {len(trained.training_hashes):,} "
                "training items; restore the data there, or retrain"
            )
        sources = [corpus.sources[index] for index in indices] if corpus.sources else []
        return cls([corpus.items[index] for index in indices], sources, where)

    def meters(self, domain: Domain, encoder: Encoder[Any] | None) -> dict[str, CopyMeter]:
        """A copy meter for each kind of units of the domain, by kind.

        Args:
            domain: Its ``evaluation.passages``.
            encoder: Its tokens are the units if the domain has none of its own.
        """
        names = self.sources or [""] * len(self.items)
        return copy_meters(names, [item_passages(domain, encoder, item) for item in self.items])


def item_passages(domain: Domain, encoder: Encoder[Any] | None, item: Any) -> Sequence[Passages]:
    """The passages of an item: the domain's own, or its tokens."""
    if domain.evaluation.passages is not None:
        return domain.evaluation.passages(item)
    if encoder is None:
        raise DataError(
            f"domain {domain.name!r} defines no passages (Domain.evaluation.passages), so a model "
            "is needed to compare tokens"
        )
    tokens = encoder.encode(item).tokens.tolist()
    return [Passages("tokens", tokens, lambda place: f"{domain.text(item)}, token {place + 1}")]


def _data_of(path: Path | None, domain: Domain) -> tuple[Path | None, Any]:
    """The data of a model file, and the options to read it with."""
    folder = None if path is None else RunFolder(path.parent)
    if folder is None or not folder.record.is_file():
        return None, domain.data_options()
    record = RunRecord.load(folder)
    record.check_data(folder.path)
    return record.data, record.options(domain.data_options)


def _training_hash(trained: TrainedModel, item: Any) -> int | None:
    """The hash of an item that the model was trained on; None for any other."""
    try:
        tokens = trained.encoder.encode(item).tokens.tolist()
    except SeqgenError:
        return None  # it has symbols that the model does not know
    return None if is_novel(tokens, trained.training_hashes) else item_hash(tokens)


@final
class CopyLimit:
    """Rejects items that share too long a passage with the training items, for ``max_copy``.

    Args:
        domain: Its first kind of passages is counted.
        encoder: Its tokens are the units if the domain has no passages.
        training_items: The items to compare with.
        limit: The maximum number of consecutive units that an item may share, from 0.
    """

    def __init__(
        self, domain: Domain, encoder: Encoder[Any], training_items: TrainingItems, limit: int
    ) -> None:
        self._domain, self._encoder, self._limit = domain, encoder, limit
        self._meter = next(iter(training_items.meters(domain, encoder).values()))

    def violation(self, item: Any) -> str:
        """Why an item exceeds the limit; empty if it does not."""
        passages = item_passages(self._domain, self._encoder, item)[0]
        if self._meter.longest(passages) <= self._limit:
            return ""
        found = self._meter.measure(passages)
        return (
            f"it shares {found.longest} consecutive {found.kind} with {found.there}, more than "
            f"{self._limit}"
        )

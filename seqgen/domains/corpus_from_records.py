"""gather: a corpus from raw records; invalid records are skipped with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from seqgen.domains.domain import Corpus, SkippedItem
from seqgen.domains.encoder import Encoder
from seqgen.domains.guide import Guide, accepts
from seqgen.errors import DataError

Raw = TypeVar("Raw")
Item = TypeVar("Item")


def gather(
    records: Iterable[Raw],
    read: Callable[[Raw], Item],
    *,
    encoder: Encoder[Item],
    guide: Callable[[Any], Guide[Any]],
    unfit: str = "the guide does not allow it",
    **about: Any,
) -> Corpus[Item]:
    """The distinct items of raw records that a guide accepts.

    Args:
        records: The records in a stable order, such as the lines of a file.
        read: From a record to an item; if it raises a ``DataError``, the record is skipped and the
            message is the reason.
        encoder: An encoder that is not fitted yet.
        guide: ``guide(encoder)`` returns the guide, for an encoder fitted to all items.
        unfit: The reason for items that the guide rejects.
        about: Further fields of ``Corpus``, such as ``notes`` and ``licence``.

    Returns:
        The corpus; it lists skipped records by reason.
    """
    records_by_item: dict[Item, Raw] = {}
    skipped: dict[str, list[Raw]] = {}
    for record in records:
        try:
            records_by_item.setdefault(read(record), record)
        except DataError as error:
            skipped.setdefault(str(error), []).append(record)
    items = []
    if records_by_item:
        fitted = encoder.fit(records_by_item)
        grammar, end = guide(fitted), fitted.vocabulary.end
        for item, record in records_by_item.items():
            if accepts(grammar, fitted.encode(item).tokens.tolist(), end):
                items.append(item)
            else:
                skipped.setdefault(unfit, []).append(record)
    by_reason = (SkippedItem(_summary(rows), why, len(rows)) for why, rows in skipped.items())
    return Corpus(tuple(items), tuple(by_reason), **about)


def _summary(records: list[Any]) -> str:
    """The beginning of the first record, and the number of further ones."""
    first = " ".join(str(records[0]).split())
    more = f" and {len(records) - 1:,} more" if len(records) > 1 else ""
    return (first if len(first) <= 60 else f"{first[:57]}...") + more

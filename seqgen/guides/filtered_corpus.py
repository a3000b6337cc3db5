"""gather: a corpus of raw records, each read or left out with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from seqgen.domains.corpus import Corpus, SkippedItem
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
    """The items of raw records, each once, that a guide lets through.

    Args:
        records: What was found, in a stable order: lines of a file, or parts of it.
        read: Makes an item of a record; where it raises a ``DataError`` the record is left
            out with that message for its reason.
        encoder: An encoder that is not fitted yet.
        guide: ``guide(encoder)`` gives the guide, from an encoder that knows all items.
        unfit: The reason told of items that the guide refuses.
        about: Further fields of ``Corpus``, such as ``notes`` and ``licence``.

    Returns:
        The corpus; records left out are told together, reason by reason.
    """
    found: dict[Item, Raw] = {}
    refused: dict[str, list[Raw]] = {}
    for record in records:
        try:
            found.setdefault(read(record), record)
        except DataError as error:
            refused.setdefault(str(error), []).append(record)
    kept = []
    if found:
        fitted = encoder.fit(found)
        walker, end = guide(fitted), fitted.vocabulary.end
        for item, record in found.items():
            if accepts(walker, fitted.encode(item).tokens.tolist(), end):
                kept.append(item)
            else:
                refused.setdefault(unfit, []).append(record)
    skipped = tuple(SkippedItem(_shown(those), why, len(those)) for why, those in refused.items())
    return Corpus(tuple(kept), skipped, **about)


def _shown(records: list[Any]) -> str:
    """The beginning of the first record, and how many more there are."""
    first = " ".join(str(records[0]).split())
    more = f" and {len(records) - 1:,} more" if len(records) > 1 else ""
    return (first if len(first) <= 60 else f"{first[:57]}...") + more

"""Items: a list of generated items, shown by notebooks; and the encoding of a user's items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, SupportsIndex, final, overload

from seqgen.errors import DataError, SeqgenError
from seqgen.registry.load_plugin import shorten

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from seqgen.domains.domain import Domain
    from seqgen.domains.encoder import Encoded, Encoder
    from seqgen.inference.generated_items import GeneratedItem

    Item = TypeVar("Item", default=Any)
else:
    from typing import TypeVar

    Item = TypeVar("Item")

#: As many items are listed by ``repr``.
LISTED = 20
#: Maximum number of characters of an item's text in ``repr``.
MAX_TEXT = 100


@final
class Items(list["GeneratedItem[Item]"], Generic[Item]):
    """A list of generated items. Slices and sums are lists of the same kind.

    A notebook shows it as a table with novelty, and the first items with the picture and the sound
    that their domain renders, without any file from the internet.

    Args:
        items: The generated items.
        domain: Their domain.
    """

    def __init__(self, items: Iterable[GeneratedItem[Item]], domain: Domain[Item]) -> None:
        super().__init__(items)
        self.domain = domain

    @property
    def items(self) -> list[Item]:
        """The items themselves, as the domain's encoder returns them."""
        return [one.sample.item for one in self]

    @property
    def texts(self) -> list[str]:
        """Each item as one line of text."""
        return [one.text for one in self]

    def to_dict(self) -> list[dict[str, Any]]:
        """A dictionary of JSON values for each item, as ``--json`` prints it."""
        return [one.to_dict() for one in self]

    @overload
    def __getitem__(self, index: SupportsIndex) -> GeneratedItem[Item]: ...
    @overload
    def __getitem__(self, index: slice) -> Items[Item]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> GeneratedItem[Item] | Items[Item]:
        found = super().__getitem__(index)
        return Items(found, self.domain) if isinstance(found, list) else found

    def __add__(self, other: Iterable[Any]) -> Items[Item]:  # type: ignore[override]
        return Items([*self, *other], self.domain)

    def __repr__(self) -> str:
        from seqgen.report.html import count_items

        known = sum(not one.novel for one in self)
        note = f", {known} of them in the training data" if known else ""
        lines = [f"<{count_items(len(self))} of {self.domain.name}{note}>"]
        for one in list(self)[:LISTED]:
            text = one.text if len(one.text) <= MAX_TEXT else f"{one.text[: MAX_TEXT - 1]}…"
            mark = "" if one.sample.finish_reason == "end" else f"  ({one.sample.finish_reason})"
            lines.append(f"{one.sample.index:>4}  {text}{'' if one.novel else '  (known)'}{mark}")
        if len(self) > LISTED:
            lines.append(f"      ... and {len(self) - LISTED} more")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from seqgen.api.notebook_html import items_html

        return items_html(self.domain, list(self))


def unwrap_items(items: Any) -> list[Any]:
    """The items of generated items; other items as they are.

    Raises:
        DataError: It is no list of items.
    """
    from seqgen.inference.generated_items import GeneratedItem

    if hasattr(items, "tolist"):  # an array or a series
        items = items.tolist()
    if isinstance(items, str | bytes | Path) or not isinstance(items, Sequence):
        raise DataError(f"items must be a list of items, was {shorten(items)}")
    return [item.sample.item if isinstance(item, GeneratedItem) else item for item in items]


def check_generated_items(items: Any) -> None:
    """Check the argument of ``write``.

    Raises:
        DataError: It is no list of generated items.
    """
    from seqgen.inference.generated_items import GeneratedItem

    if not isinstance(items, list) or not all(isinstance(one, GeneratedItem) for one in items):
        raise DataError(f"items must be a list that generate returned, was {shorten(items)}")


def encode_items(domain: Domain, encoder: Encoder[Any], items: Any) -> list[Encoded]:
    """Items, or generated ones, as tokens.

    Raises:
        DataError: It is no list, or an item cannot be encoded.
    """
    encoded = []
    for place, item in enumerate(unwrap_items(items), start=1):
        what = f"item {place} ({shorten(item)}) cannot be encoded as {domain.name}"
        try:
            encoded.append(encoder.encode(item))
        except SeqgenError as error:
            raise DataError(f"{what}: {error}") from None
        except Exception as error:  # the encoder is of a plugin, and the item of any type
            raise DataError(
                f"{what} ({type(error).__name__}: {error}); give items of the domain"
            ) from error
    return encoded

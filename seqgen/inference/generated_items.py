"""GeneratedItem: a sample with its text and novelty; ranking items, and writing their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, final

from seqgen.domains.domain import Domain
from seqgen.errors import PluginError, SeqgenError
from seqgen.generation.generator import Sample
from seqgen.io.run_folder import SAMPLES, write_json_lines

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from seqgen.inference.receipt import Receipt

    Item = TypeVar("Item", default=Any)
else:
    from typing import TypeVar

    Item = TypeVar("Item")

#: Maximum number of characters of an item's text in ``repr``.
MAX_TEXT = 100


@final
@dataclass(frozen=True, slots=True, repr=False)
class GeneratedItem(Generic[Item]):
    """A sample with its text and its novelty.

    Args:
        sample: The sample.
        text: The item as one line of text.
        novel: Whether it is not in the training data.
        receipt: Everything that it was generated from; None without receipts.
        rules: How often each rule of the domain's guide forbade the most probable token.
    """

    sample: Sample
    text: str
    novel: bool
    receipt: Receipt | None = None
    rules: Mapping[str, int] = field(default_factory=dict)

    @property
    def item(self) -> Item:
        """The item itself, as the domain's encoder returns it."""
        return self.sample.item  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        known = "" if self.novel else ", in the training data"
        text = self.text if len(self.text) <= MAX_TEXT else f"{self.text[: MAX_TEXT - 1]}…"
        return f"<item {self.sample.index}: {text} ({self.sample.logp:.2f} nats{known})>"

    def to_dict(self) -> dict[str, Any]:
        """The output of ``--json`` for it."""
        result: dict[str, Any] = {
            "index": self.sample.index,
            "text": self.text,
            "logp": self.sample.logp,
            "logp_settings": self.sample.logp_settings,
            "masked": self.sample.masked,
            "finish_reason": self.sample.finish_reason,
            "novel": self.novel,
        }
        if self.rules:
            result["rules"] = dict(self.rules)
        return result if self.receipt is None else {**result, "receipt": self.receipt.to_dict()}


def check_no_earlier_samples(folder: Path) -> None:
    """Refuse a folder with samples of an earlier call, before any is generated.

    Raises:
        SeqgenError: It holds some.
    """
    if (folder / SAMPLES).exists():
        raise SeqgenError(
            f"{folder} holds samples of an earlier call ({SAMPLES}); name another "
            "folder with --out, or remove this one (from Python: overwrite=True)"
        )


def write_items(domain: Domain, items: Sequence[GeneratedItem], folder: Path) -> list[Path]:
    """Write ``samples.jsonl`` and the files of the domain; returns their paths."""
    from seqgen.inference.receipt import receipt_line

    files = [write_json_lines(folder / SAMPLES, [item.to_dict() for item in items])]
    lines = [receipt_line(item.receipt) if item.receipt else "" for item in items]
    return [*files, *write_domain_files(domain, items, folder, lines)]


def write_domain_files(
    domain: Domain, items: Sequence[GeneratedItem], folder: Path, receipts: Sequence[str]
) -> list[Path]:
    """Write the files of the domain; returns their paths."""
    if domain.write is None:
        return []
    return list(domain.write([item.sample.item for item in items], folder, receipts))


def select_best(
    domain: Domain, items: Sequence[GeneratedItem], best: int | None
) -> list[GeneratedItem]:
    """The ``best`` items that the domain ranks highest, best first; all if ``best`` is None.

    Raises:
        PluginError: The domain returns no order of the items.
    """
    if best is None or domain.evaluation.rank is None:
        return list(items)
    order = [int(index) for index in domain.evaluation.rank([item.sample.item for item in items])]
    if sorted(order) != list(range(len(items))):
        raise PluginError(
            f"Domain.evaluation.rank of {domain.name!r} must return each of the indices 0 to "
            f"{len(items) - 1} once, was {order[:10]}"
        )
    return [items[index] for index in order[:best]]

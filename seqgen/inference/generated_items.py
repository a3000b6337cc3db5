"""The files of generated items: samples.jsonl and what the domain writes; which ones are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import PluginError, SeqgenError, SettingError
from seqgen.generation.generator import Sample
from seqgen.runs.run_folder import SAMPLES

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.inference.receipt import Receipt


@final
@dataclass(frozen=True, slots=True)
class GeneratedItem:
    """A sample with what a person wants to know of it.

    Args:
        sample: The sample.
        text: The item as one line of text.
        novel: Whether it does not stand in the training data.
        receipt: All that it came from; None where nobody asked for receipts.
        rules: How often each rule of the domain's guide forbade what the model liked best.
    """

    sample: Sample
    text: str
    novel: bool
    receipt: Receipt | None = None
    rules: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` prints for it."""
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
        return result if self.receipt is None else {**result, "receipt": self.receipt.to_json()}


def check_free(folder: Path) -> None:
    """Refuse a folder that holds samples of an earlier call, before any is drawn.

    Raises:
        SeqgenError: It does.
    """
    if (folder / SAMPLES).exists():
        raise SeqgenError(
            f"{folder} holds samples of an earlier call ({SAMPLES}); name another folder with "
            "--out, or remove this one"
        )


def write_items(domain: Domain, items: Sequence[GeneratedItem], folder: Path) -> list[Path]:
    """``samples.jsonl`` and whatever files the domain writes; gives their paths."""
    from seqgen.inference.receipt_format import receipt_line
    from seqgen.runs.run_folder import write_json_lines

    files = [write_json_lines(folder / SAMPLES, [item.to_json() for item in items])]
    lines = [receipt_line(item.receipt) if item.receipt else "" for item in items]
    return [*files, *write_domain_files(domain, items, folder, lines)]


def write_domain_files(
    domain: Domain, items: Sequence[GeneratedItem], folder: Path, receipts: Sequence[str]
) -> list[Path]:
    """The files that the domain writes, with the receipts in them where it keeps them."""
    if domain.write is None:
        return []
    made = [item.sample.item for item in items]
    return list(domain.write(made, folder, receipts))


def check_best(domain: Domain, best: int | None, count: int) -> None:
    """Hold ``--best`` against the domain, before anything is drawn.

    Raises:
        SettingError: The domain ranks nothing, or there are not so many items to keep from.
    """
    if best is None:
        return
    if domain.evaluation.rank is None:
        raise SettingError(f"domain {domain.name!r} does not rank its items: leave --best out")
    if best > count:
        raise SettingError(f"best must be <= {count}, the number of samples, was {best}")


def keep_best(
    domain: Domain, items: Sequence[GeneratedItem], best: int | None
) -> list[GeneratedItem]:
    """The items that the domain ranks first, best first; all of them where ``best`` is None.

    Raises:
        PluginError: What the domain gave is no order of the items.
    """
    if best is None or domain.evaluation.rank is None:
        return list(items)
    order = [int(place) for place in domain.evaluation.rank([item.sample.item for item in items])]
    if sorted(order) != list(range(len(items))):
        raise PluginError(
            f"Domain.evaluation.rank of {domain.name!r} must give each of the places 0 to "
            f"{len(items) - 1} once, was {order[:10]}"
        )
    return [items[place] for place in order[:best]]

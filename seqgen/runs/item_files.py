"""The files of generated items: samples.jsonl and what the domain writes; which ones are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqgen.errors import DataError, PluginError, SeqgenError, SettingError

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.runs.generated_item import GeneratedItem

SAMPLES = "samples.jsonl"
#: So many bytes of a file are looked at to know it.
PEEKED = 65_536


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


def check_no_samples(path: Path) -> None:
    """Refuse ``samples.jsonl`` where items are read: its lines are receipts, not items.

    Raises:
        DataError: The path is such a file.
    """
    if path.name != SAMPLES or not path.is_file():
        return
    with path.open("rb") as file:
        if b'"receipt"' not in file.read(PEEKED):
            return  # somebody's own file of that name
    beside = sorted(p.name for p in path.parent.iterdir() if p.is_file() and p != path)
    instead = f"the files beside it ({', '.join(beside[:3])})" if beside else "the items themselves"
    raise DataError(
        f"{path} is what seqgen tells of its samples, and no domain reads it; give {instead}, or a "
        "file that the output of seqgen generate was sent to"
    )


def write_items(domain: Domain, items: Sequence[GeneratedItem], folder: Path) -> list[Path]:
    """``samples.jsonl`` and whatever files the domain writes; gives their paths."""
    from seqgen.runs.read_receipt import receipt_line
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
    return list(domain.write(made, folder, *([receipts] if domain.keeps_receipts else [])))


def check_best(domain: Domain, best: int | None, count: int) -> None:
    """Hold ``--best`` against the domain, before anything is drawn.

    Raises:
        SettingError: The domain ranks nothing, or there are not so many items to keep from.
    """
    if best is None:
        return
    if domain.rank is None:
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
    if best is None or domain.rank is None:
        return list(items)
    order = [int(place) for place in domain.rank([item.sample.item for item in items])]
    if sorted(order) != list(range(len(items))):
        raise PluginError(
            f"Domain.rank of {domain.name!r} must give each of the places 0 to {len(items) - 1} "
            f"once, was {order[:10]}"
        )
    return [items[place] for place in order[:best]]

"""Files of samples: samples.jsonl beside whatever the domain writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqgen.errors import SeqgenError

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.runs.generated_item import GeneratedItem

SAMPLES = "samples.jsonl"


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
    from seqgen.runs.run_folder import write_json_lines

    files = [write_json_lines(folder / SAMPLES, [item.to_json() for item in items])]
    if domain.write is not None:
        files.extend(domain.write([item.sample.item for item in items], folder))
    return files

"""Broken: a valid domain with one defect, and the check that reports it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

HERE = Path(__file__).parent


@final
@dataclass(frozen=True)
class Broken:
    """A valid domain with one defect.

    Args:
        check: The only check that fails.
        defect: What is wrong, in words.
        changes: Pieces of the valid source with their replacements.
        message: A part of the message.
        base: The file of the valid domain.
    """

    check: str
    defect: str
    changes: dict[str, str]
    message: str
    base: str = "tiny_domain.py"

    def source(self) -> str:
        """The source of the broken domain."""
        source = (HERE / self.base).read_text(encoding="utf-8")
        for old, new in self.changes.items():
            assert source.count(old) == 1, f"{old!r} must occur once in {self.base}"
            source = source.replace(old, new)
        return source


#: The valid domains.
GOOD = ("tiny_domain.py", "tiny_words.py")

"""Broken: a good domain with one defect, and the check that must tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

HERE = Path(__file__).parent


@final
@dataclass(frozen=True)
class Broken:
    """A good domain with one defect.

    Args:
        check: The one check that must fail.
        defect: What is wrong, in words.
        changes: Pieces of the good source, each with what stands there instead.
        says: What the message must hold.
        of: The good domain.
    """

    check: str
    defect: str
    changes: dict[str, str]
    says: str
    of: str = "tiny_domain.py"

    def source(self) -> str:
        """The source of the broken domain."""
        source = (HERE / self.of).read_text(encoding="utf-8")
        for old, new in self.changes.items():
            assert source.count(old) == 1, f"{old!r} must stand once in {self.of}"
            source = source.replace(old, new)
        return source


#: Good domains that the broken ones are made of.
GOOD = ("tiny_domain.py", "tiny_words.py")

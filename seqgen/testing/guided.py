"""Guided: what is asked of a domain under examination, and what the host makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from seqgen.domains.guide import Guide


@final
@dataclass(frozen=True, slots=True, eq=False)
class Guided:
    """What is asked for, and what the host makes of it.

    Args:
        asked: What is asked for, in words.
        options: The prompt options.
        condition: What every item is given.
        guide: The guide.
    """

    asked: str
    options: Any
    condition: Any
    guide: Guide[Any]

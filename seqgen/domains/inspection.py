"""Inspection: what a domain tells a person about a data file or folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final


@final
@dataclass(frozen=True, slots=True)
class Inspection:
    """What ``Domain.inspect`` gives.

    Args:
        lines: For the terminal.
        facts: The same as JSON values, for ``--json``.
        recipe: The text of a file that says how to read the data and that a person may edit;
            empty where the domain has none.
    """

    lines: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = ""

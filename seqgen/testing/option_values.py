"""Values to try for the fields of option dataclasses: their extremes, and what lies beyond."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from seqgen.settings import allowed_types

#: A text that no option expects.
ODD_TEXT = "☃"
#: A path at which nothing stands.
NO_PATH = Path("there-is-no-such-file.txt")


def extreme_values(kind: type[Any], words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Fields of an option dataclass, each with the values at the ends of what it may be.

    Args:
        kind: The dataclass.
        words: Texts to try for the fields that are text.

    Returns:
        Pairs of a field's name and a value of its type.
    """
    hints = typing.get_type_hints(kind)
    for item in fields(kind):
        for value in _inside(item, allowed_types(hints[item.name]), words):
            yield item.name, value


def values_beyond(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Fields with bounds or choices, each with values just beyond them."""
    for item in fields(kind):
        for sign, bound in item.metadata.get("bounds", {}).items():
            step = {">=": -1, "<=": 1, ">": 0, "<": 0}[sign]
            yield item.name, bound + step
        if item.metadata.get("choices"):
            yield item.name, ODD_TEXT


def _inside(item: Field[Any], accepted: tuple[type, ...], words: tuple[str, ...]) -> list[Any]:
    choices = item.metadata.get("choices")
    if choices:
        return list(choices)
    if bool in accepted:
        return [True, False]
    if int in accepted or float in accepted:
        return _numbers(item, whole=float not in accepted)
    if str in accepted:
        return ["", *words, ODD_TEXT]
    return [NO_PATH] if Path in accepted else []


def _numbers(item: Field[Any], whole: bool) -> list[float]:
    bounds = item.metadata.get("bounds", {})
    step = 1 if whole else 1e-6
    ends = {
        *(bounds[sign] for sign in (">=", "<=") if sign in bounds),
        *(bounds[sign] + way * step for sign, way in ((">", 1), ("<", -1)) if sign in bounds),
    }
    return sorted(ends) or ([1, 0] if whole else [1.0, 0.5])

"""Values for the fields of option dataclasses: their extremes, and values out of bounds."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from seqgen.settings import allowed_types

#: A text that no option expects.
UNKNOWN_TEXT = "☃"
#: A path that does not exist.
MISSING_PATH = Path("there-is-no-such-file.txt")


def extreme_values(kind: type[Any], texts: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Return pairs of a field's name and an extreme value of its type.

    Args:
        kind: The option dataclass.
        texts: Values for the fields that are text.
    """
    hints = typing.get_type_hints(kind)
    for item in fields(kind):
        for value in _extremes(item, allowed_types(hints[item.name]), texts):
            yield item.name, value


def values_out_of_bounds(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Return pairs of the name of a field with bounds or choices and a value outside of them."""
    for item in fields(kind):
        for sign, bound in item.metadata.get("bounds", {}).items():
            yield item.name, bound + {">=": -1, "<=": 1, ">": 0, "<": 0}[sign]
        if item.metadata.get("choices"):
            yield item.name, UNKNOWN_TEXT


def _extremes(item: Field[Any], types: tuple[type, ...], texts: tuple[str, ...]) -> list[Any]:
    if item.metadata.get("choices"):
        return list(item.metadata["choices"])
    if bool in types:
        return [True, False]
    if int in types or float in types:
        step, default = (1e-6, [1.0, 0.5]) if float in types else (1, [1, 0])
        offsets = {">=": 0, "<=": 0, ">": step, "<": -step}
        bounds = item.metadata.get("bounds", {})
        return sorted({bound + offsets[sign] for sign, bound in bounds.items()}) or default
    if str in types:
        return ["", *texts, UNKNOWN_TEXT]
    return [MISSING_PATH] if Path in types else []

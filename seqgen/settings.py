"""Settings: frozen dataclasses whose fields carry their help text and their bounds."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, field, fields
from pathlib import Path
from typing import Any, TypeVar

from seqgen.errors import SettingError

T = TypeVar("T")
#: What the command line can make a flag of.
FLAG_TYPES = (bool, int, float, str, Path)


def setting(
    default: T,
    help: str,
    *,
    min: float | None = None,
    max: float | None = None,
    above: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] = (),
    advanced: bool = False,
) -> T:
    """A field of a settings dataclass; the command line makes a flag of it.

    Args:
        default: The value when nothing is said; None makes an optional setting.
        help: One line for ``--help``.
        min: The least value allowed; ``above`` excludes the bound itself.
        max: The greatest value allowed; ``below`` excludes the bound itself.
        choices: The only values allowed.
        advanced: Whether only ``--help-all`` lists the flag, not ``--help``.
    """
    bounds = {">=": min, "<=": max, ">": above, "<": below}
    metadata = {
        "help": help,
        "bounds": {sign: bound for sign, bound in bounds.items() if bound is not None},
        "choices": choices,
        "advanced": advanced,
    }
    return field(default=default, metadata=metadata)


def check_settings(settings: Any) -> None:
    """Hold every field of a settings instance against its bounds; call it in ``__post_init__``.

    Raises:
        SettingError: Names the setting, its value and the bound.
    """
    types_by_name = typing.get_type_hints(type(settings))
    for item in fields(settings):
        _check_one(item.name, getattr(settings, item.name), types_by_name[item.name], item.metadata)


def _check_one(name: str, value: Any, kind: Any, metadata: Mapping[str, Any]) -> None:
    accepted = allowed_types(kind)
    if value is None and type(None) in accepted:
        return
    stray_bool = isinstance(value, bool) and bool not in accepted
    if stray_bool or not isinstance(value, _widen(accepted)):
        wanted = " or ".join(t.__name__ for t in accepted if t is not type(None))
        raise SettingError(f"{name} must be {wanted}, was {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingError(f"{name} must be a finite number, was {value}")
    for sign, bound in metadata.get("bounds", {}).items():
        inside = {
            ">=": value >= bound,
            "<=": value <= bound,
            ">": value > bound,
            "<": value < bound,
        }
        if not inside[sign]:
            raise SettingError(f"{name} must be {sign} {bound}, was {value}")
    if metadata.get("choices") and value not in metadata["choices"]:
        raise SettingError(f"{name} must be one of {', '.join(metadata['choices'])}, was {value!r}")


def allowed_types(kind: Any) -> tuple[type, ...]:
    """The plain types of an annotation: ``int | None`` gives ``(int, NoneType)``."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return tuple(typing.get_args(kind))
    return (kind,)


def flag_type(kind: Any) -> type | None:
    """The plain type of a setting that can be a flag; None where no flag can say such a value.

    A flag can be ``bool``, ``int``, ``float``, ``str`` or ``Path``, or one of them or None.
    """
    accepted = allowed_types(kind)
    plain = [one for one in accepted if one is not type(None)]
    return plain[0] if len(plain) == 1 and plain[0] in FLAG_TYPES else None


def _widen(accepted: tuple[type, ...]) -> tuple[type, ...]:
    return (*accepted, int) if float in accepted else accepted


def settings_from(cls: type[T], values: Mapping[str, Any], where: str) -> T:
    """An instance of a settings dataclass from JSON values.

    Raises:
        SettingError: A name is unknown, or a value is of the wrong type or out of range.
    """
    known = {item.name for item in fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingError(
            f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}"
        )
    return cls(**values)


def settings_to(settings: Any) -> dict[str, Any]:
    """The JSON values of a settings instance."""
    return asdict(settings)


def flag_name(field: str) -> str:
    """The flag of a field: ``--starts-with`` of ``starts_with``.

    A name that Python keeps to itself ("from") is a field with a line behind it ("from_").
    """
    return "--" + field.rstrip("_").replace("_", "-")

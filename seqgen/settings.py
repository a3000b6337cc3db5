"""Settings: frozen dataclasses whose fields have a help text and bounds."""

from __future__ import annotations

import difflib
import functools
import math
import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, field, fields, is_dataclass
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any, TypeVar

from seqgen.errors import SettingError

T = TypeVar("T")
#: The types of settings that can be flags.
FLAG_TYPES = (bool, int, float, str, Path)
#: How a value is compared with each kind of bound.
COMPARISONS: Mapping[str, Any] = {">=": ge, "<=": le, ">": gt, "<": lt}


def setting(
    default: T,
    help: str,
    *,
    min: float | None = None,
    max: float | None = None,
    above: float | None = None,
    below: float | None = None,
    choices: tuple[str, ...] | Callable[[], Sequence[str]] = (),
    advanced: bool = False,
    omit_default: bool = False,
) -> T:
    """Define a field of a settings dataclass, which is also a flag of the command line.

    Args:
        default: The default value; None for an optional setting.
        help: One line for ``--help``.
        min: The smallest allowed value.
        max: The largest allowed value.
        above: A lower bound that is not allowed itself.
        below: An upper bound that is not allowed itself.
        choices: The allowed values; or, for names of components of plugins, a function that
            returns those that are installed. The command line calls it; ``check_settings`` does
            not, because a file may name a component whose plugin is missing.
        advanced: Whether only ``--help-all`` lists the flag, not ``--help``.
        omit_default: Whether files omit the setting if it has its default.
    """
    bounds = {">=": min, "<=": max, ">": above, "<": below}
    metadata = {
        "help": help,
        "bounds": {sign: bound for sign, bound in bounds.items() if bound is not None},
        "choices": choices,
        "advanced": advanced,
        "omit_default": omit_default,
    }
    return field(default=default, metadata=metadata)


def type_hints(cls: Any) -> Mapping[str, Any]:
    """The types of the fields of a settings class; evaluated once, as that is slow."""
    return _type_hints(cls)


_type_hints = functools.cache(typing.get_type_hints)


def check_settings(settings: Any) -> None:
    """Check every field of a settings instance against its bounds; call it in ``__post_init__``.

    Raises:
        SettingError: Names the setting, its value and the bound.
    """
    hints = type_hints(type(settings))
    for item in fields(settings):
        _check(item.name, getattr(settings, item.name), hints[item.name], item.metadata)


def _check(name: str, value: Any, hint: Any, metadata: Mapping[str, Any]) -> None:
    accepted = allowed_types(hint)
    if value is None and type(None) in accepted:
        return
    wrong = isinstance(value, bool) and bool not in accepted
    if wrong or not isinstance(value, (*accepted, int) if float in accepted else accepted):
        raise _error(name, value, _type_names(accepted))
    if isinstance(value, float) and not math.isfinite(value):
        raise _error(name, value, "a finite number")
    for sign, bound in metadata.get("bounds", {}).items():
        if not COMPARISONS[sign](value, bound):
            raise _error(name, value, f"{sign} {bound}")
    choices = metadata.get("choices", ())
    if choices and not callable(choices) and value not in choices:
        raise _error(name, value, f"one of {', '.join(choices)}")


def _error(name: str, value: object, bound: str) -> SettingError:
    return SettingError(f"{name} must be {bound}, was {value!r}", name, value=value, bound=bound)


def _type_names(accepted: tuple[type, ...]) -> str:
    return " or ".join(kind.__name__ for kind in accepted if kind is not type(None))


def allowed_types(hint: Any) -> tuple[type, ...]:
    """Return the types of an annotation: ``int | None`` gives ``(int, NoneType)``."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return tuple(typing.get_args(hint))
    return (typing.get_origin(hint) or hint,)


def flag_type(hint: Any) -> type | None:
    """Return the type of a setting that can be a flag; None if it cannot be one.

    A flag can be ``bool``, ``int``, ``float``, ``str`` or ``Path``, or one of them or None.
    """
    plain = [kind for kind in allowed_types(hint) if kind is not type(None)]
    return plain[0] if len(plain) == 1 and plain[0] in FLAG_TYPES else None


def setting_names(*classes: type[Any]) -> set[str]:
    """Return the names of the settings of several classes."""
    return {item.name for cls in classes for item in fields(cls)}


def settings_from(cls: type[T], values: Mapping[str, Any], where: str) -> T:
    """Return an instance of a settings dataclass with JSON values.

    Raises:
        SettingError: A name is unknown, or a value has the wrong type or is out of its range.
    """
    known = setting_names(cls)
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingError(
            f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}",
            unknown[0],
        )
    return cls(**values)


def options_from(kind: type[T], values: Mapping[str, Any]) -> T:
    """Return the options of a domain with these values; text becomes a path where one is expected.

    Raises:
        SeqgenError: A name is unknown, or a value is of the wrong type or out of its range.
    """
    types = {name: allowed_types(hint) for name, hint in type_hints(kind).items()}

    def is_path(name: str) -> bool:
        return Path in types.get(name, ()) and str not in types[name]

    converted = {
        name: Path(value) if isinstance(value, str) and is_path(name) else value
        for name, value in values.items()
    }
    try:
        options = settings_from(kind, converted, kind.__name__)
        check_settings(options)
    except (TypeError, ValueError) as error:
        raise SettingError(str(error)) from None
    return options


def options_to_values(options: Any) -> dict[str, Any]:
    """Return the values of options by name.

    Args:
        options: A mapping, an options dataclass, or None for none.

    Raises:
        SettingError: It is something else.
    """
    if options is None or isinstance(options, Mapping):
        return dict(options or {})
    if not is_dataclass(options) or isinstance(options, type):
        raise SettingError(
            f"options must be a dictionary or an instance of an options class, was {options!r}",
            "options",
        )
    return {item.name: getattr(options, item.name) for item in fields(options)}


def select_settings(values: Mapping[str, Any], *classes: type[Any]) -> dict[str, Any]:
    """Return the values whose names are fields of the classes; None is no value."""
    names = setting_names(*classes)
    return {name: value for name, value in values.items() if name in names and value is not None}


def settings_to(settings: Any) -> dict[str, Any]:
    """Return the JSON values of a settings instance."""
    omitted = {
        item.name
        for item in fields(settings)
        if item.metadata.get("omit_default") and getattr(settings, item.name) in (item.default, {})
    }
    return {name: value for name, value in asdict(settings).items() if name not in omitted}


#: Names of settings in other libraries.
SYNONYMS = {"lr": "learning_rate", "n": "count", "random_state": "seed", "epoch": "epochs"}


def unknown_setting(name: str, known: Collection[str]) -> SettingError:
    """Return the error for a name that is no setting, with the most similar one."""
    close = [each for each in (SYNONYMS.get(name),) if each in known]
    close += difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(sorted(known))}"
    return SettingError(f"unknown setting {name!r}; {hint}", name)


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in which a NumPy number is a Python number."""
    return {
        name: value.item() if getattr(value, "shape", None) == () else value
        for name, value in values.items()
    }


def flag_name(field: str) -> str:
    """Return the flag of a field: ``--starts-with`` of ``starts_with``, ``--from`` of ``from_``."""
    return "--" + field.rstrip("_").replace("_", "-")

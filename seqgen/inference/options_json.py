"""Option values: a domain's prompt options as JSON, and back with every value checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from seqgen.errors import DataError, SeqgenError
from seqgen.settings import allowed_types, check_settings, settings_from

T = TypeVar("T")


def options_to_json(options: Any) -> dict[str, Any]:
    """The values of a domain's prompt options; paths become text."""
    values = {item.name: getattr(options, item.name) for item in fields(options)}
    return {
        name: str(value) if isinstance(value, Path) else value for name, value in values.items()
    }


def differ_from_defaults(options: Any) -> bool:
    """Whether any of a domain's prompt options is not what it is when nobody asks."""
    return any(getattr(options, item.name) != _default(item) for item in fields(options))


def _default(item: Field[Any]) -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()


def options_from_json(kind: type[T], saved: Mapping[str, Any], where: str) -> T:
    """The prompt options that gave ``saved``.

    Raises:
        SeqgenError: A name is unknown, or a value is of the wrong type or out of its range.
    """
    accepted = {name: allowed_types(hint) for name, hint in get_type_hints(kind).items()}
    known = {
        name: Path(value) if isinstance(value, str) and _is_path(accepted.get(name, ())) else value
        for name, value in saved.items()
    }
    try:
        options = settings_from(kind, known, where)
        check_settings(options)
    except (SeqgenError, TypeError, ValueError) as error:
        raise DataError(f"{where}: {error}") from None
    return options


def _is_path(accepted: tuple[type, ...]) -> bool:
    return Path in accepted and str not in accepted

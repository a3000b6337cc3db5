"""Check the fields of a ``Domain``: each error names the field and what was found."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from seqgen.domains.domain import Domain, Evaluation
from seqgen.settings import flag_type

NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")
NAME_RULE = "lower-case letters, digits, - and _, beginning with a letter"
#: The fields that are functions, with their arguments.
FUNCTIONS = {
    "corpus": ("source", "options"),
    "encoder": ("options",),
    "resolve": ("options",),
    "condition": ("options",),
    "guide": ("encoder", "options", "condition"),
    "augment": ("item", "rng"),
    "text": ("item",),
    "write": ("items", "folder", "receipts"),
    "render": ("item",),
    "evaluation.rank": ("items",),
    "evaluation.metrics": ("item",),
    "evaluation.passages": ("item",),
    "evaluation.score_card": ("items",),
    "inspect": ("path",),
}
#: The functions that may not be None.
REQUIRED = ("corpus", "encoder", "text")


def find_faults(domain: Domain) -> list[str]:
    """Return an error for each wrong field: ``Domain.FIELD must be EXPECTED, was FOUND``."""
    evaluation: object = domain.evaluation
    if not isinstance(evaluation, Evaluation):
        return [f"Domain.evaluation must be a seqgen.Evaluation, was {shorten(evaluation)}"]
    return [*_value_faults(domain), *_option_faults(domain), *_function_faults(domain)]


def shorten(value: object) -> str:
    """Return the ``repr`` of a value for a message, cut, with the name of its type."""
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return f"{text} ({type(value).__name__})"


def _value_faults(domain: Any) -> Iterator[str]:
    name, summary, presets, suffixes = attrgetter("name", "summary", "presets", "suffixes")(domain)
    if not isinstance(name, str):
        yield f"Domain.name must be a str, was {shorten(name)}"
    elif not NAME.match(name):
        yield f"Domain.name must be {NAME_RULE}, was {name!r}"
    if not isinstance(summary, str) or len(summary.splitlines()) != 1:
        yield f"Domain.summary must be a str of one line, was {shorten(summary)}"
    if not isinstance(domain.keeps_receipts, bool):
        yield f"Domain.keeps_receipts must be a bool, was {shorten(domain.keeps_receipts)}"
    if not isinstance(domain.model, Path | None):
        yield f"Domain.model must be a Path, was {shorten(domain.model)}"
    if not isinstance(presets, Mapping) or not all(isinstance(name, str) for name in presets):
        yield f"Domain.presets must be a Mapping of settings by name, was {shorten(presets)}"
    if not isinstance(suffixes, tuple) or not all(map(_is_suffix, suffixes)):
        yield (
            "Domain.suffixes must be a tuple of lower-case file name suffixes with their dot, "
            f"was {shorten(suffixes)}"
        )


def _is_suffix(value: object) -> bool:
    return isinstance(value, str) and value.startswith(".") and value == value.lower()


def _option_faults(domain: Domain) -> Iterator[str]:
    for field in ("data_options", "encoding_options", "generation_options"):
        kind = getattr(domain, field)
        if not isinstance(kind, type) or not is_dataclass(kind) or not _is_frozen(kind):
            yield (
                f"Domain.{field} must be a frozen dataclass (the class itself), was {shorten(kind)}"
            )
            continue
        hints = typing.get_type_hints(kind)
        wrong = [fault for item in fields(kind) for fault in _setting_faults(item, hints)]
        yield from (f"Domain.{field}: {kind.__name__}.{fault}" for fault in wrong)
        if not wrong:
            yield from _default_faults(field, kind)


def _is_frozen(kind: Any) -> bool:
    return bool(kind.__dataclass_params__.frozen)


def _setting_faults(item: Any, hints: Mapping[str, Any]) -> Iterator[str]:
    if item.default is MISSING and item.default_factory is MISSING:
        yield f"{item.name} must have a default, has none"
    if flag_type(hints[item.name]) is None:
        yield (
            f"{item.name} must be bool, int, float, str or Path, or one of them or None, to be "
            f"a flag; is {hints[item.name]}"
        )


def _default_faults(field: str, kind: type[Any]) -> Iterator[str]:
    try:
        kind()
    except Exception as error:
        yield (
            f"Domain.{field} must have valid defaults; {kind.__name__}() raised "
            f"{type(error).__name__}: {error}"
        )


def _function_faults(domain: Domain) -> Iterator[str]:
    for field, arguments in FUNCTIONS.items():
        value = attrgetter(field)(domain)
        if value is None and field not in REQUIRED:
            continue
        if not callable(value):
            yield (
                f"Domain.{field} must be callable, was {shorten(value)}; pass the function or "
                "class itself, without ()"
            )
        elif not _accepts(value, arguments):
            yield (
                f"Domain.{field} must be callable with ({', '.join(arguments)}), "
                f"takes {inspect.signature(value)}"
            )


def _accepts(function: Callable[..., Any], arguments: tuple[str, ...]) -> bool:
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return True  # some callables written in C have no signature
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True

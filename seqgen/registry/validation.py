"""Check the fields of a ``Domain``: each error names the field and what was found."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from seqgen.domains.domain import Domain, Evaluation
from seqgen.settings import flag_type

NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")
NAME_RULE = "lower-case letters, digits, - and _, beginning with a letter"
#: The fields that are neither functions nor options: what they must be, and a test for it.
VALUES: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "name": (f"a str of {NAME_RULE}", lambda name: isinstance(name, str) and NAME.match(name)),
    "summary": (
        "a str of one line",
        lambda summary: isinstance(summary, str) and len(summary.splitlines()) == 1,
    ),
    "keeps_receipts": ("a bool", lambda keeps: isinstance(keeps, bool)),
    "evaluation": ("a seqgen.Evaluation", lambda value: isinstance(value, Evaluation)),
    "presets": (
        "a Mapping of settings by name",
        lambda presets: isinstance(presets, Mapping) and all(isinstance(p, str) for p in presets),
    ),
    "suffixes": (
        "a tuple of lower-case file name suffixes with their dot",
        lambda suffixes: (
            isinstance(suffixes, tuple)
            and all(isinstance(s, str) and s.startswith(".") and s == s.lower() for s in suffixes)
        ),
    ),
    "model": ("a Path", lambda model: isinstance(model, Path | None)),
}
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
    return [*_value_faults(domain), *_option_faults(domain), *_function_faults(domain)]


def shorten(value: object) -> str:
    """Return the ``repr`` of a value for a message, cut, with the name of its type."""
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return f"{text} ({type(value).__name__})"


def _value_faults(domain: Domain) -> Iterator[str]:
    for field, (expected, accepts) in VALUES.items():
        value = getattr(domain, field)
        if not accepts(value):
            yield f"Domain.{field} must be {expected}, was {shorten(value)}"


def _option_faults(domain: Domain) -> Iterator[str]:
    for field in ("data_options", "encoding_options", "generation_options"):
        kind = getattr(domain, field)
        parameters: Any = getattr(kind, "__dataclass_params__", None)
        if not isinstance(kind, type) or parameters is None or not parameters.frozen:
            yield (
                f"Domain.{field} must be a frozen dataclass (the class itself), was {shorten(kind)}"
            )
            continue
        hints = typing.get_type_hints(kind)
        wrong = [fault for item in fields(kind) for fault in _setting_faults(item, hints)]
        yield from (f"Domain.{field}: {kind.__name__}.{fault}" for fault in wrong)
        try:
            wrong or kind()
        except Exception as error:
            yield (
                f"Domain.{field} must have valid defaults; {kind.__name__}() raised "
                f"{type(error).__name__}: {error}"
            )


def _setting_faults(item: Field[Any], hints: Mapping[str, Any]) -> Iterator[str]:
    if item.default is MISSING and item.default_factory is MISSING:
        yield f"{item.name} must have a default, has none"
    if flag_type(hints[item.name]) is None:
        yield (
            f"{item.name} must be bool, int, float, str or Path, or one of them or None, to be "
            f"a flag; is {hints[item.name]}"
        )


def _function_faults(domain: Domain) -> Iterator[str]:
    for field, arguments in FUNCTIONS.items():
        part, _, name = field.rpartition(".")
        value = getattr(getattr(domain, part) if part else domain, name, None)
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

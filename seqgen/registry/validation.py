"""What the fields of a ``Domain`` must hold, told field by field with what was found."""

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
#: The fields that are functions, with what each is called with.
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
#: Those of them that may not be None.
NEEDED = ("corpus", "encoder", "text")


def faults_of(domain: Domain) -> list[str]:
    """Every field that holds what it may not, as ``Domain.FIELD must be EXPECTED, was FOUND``."""
    evaluation: object = domain.evaluation
    if not isinstance(evaluation, Evaluation):
        return [f"Domain.evaluation must be a seqgen.Evaluation, was {short(evaluation)}"]
    return [*_plain_faults(domain), *_option_faults(domain), *_function_faults(domain)]


def short(value: object) -> str:
    """A value as a message shows it: its repr, cut, and the name of its type."""
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return f"{shown} ({type(value).__name__})"


def _plain_faults(domain: Domain) -> Iterator[str]:
    # Annotations bind nobody who writes without a type checker.
    name, summary, presets, suffixes = (
        getattr(domain, field) for field in ("name", "summary", "presets", "suffixes")
    )
    if not isinstance(name, str):
        yield f"Domain.name must be a str, was {short(name)}"
    elif not NAME.match(name):
        yield (
            "Domain.name must be lower-case letters, digits, - and _, beginning with a letter, "
            f"was {name!r}"
        )
    if not isinstance(summary, str) or len(summary.splitlines()) != 1:
        yield f"Domain.summary must be a str of one line, was {short(summary)}"
    receipts: object = domain.keeps_receipts
    if not isinstance(receipts, bool):
        yield f"Domain.keeps_receipts must be a bool, was {short(receipts)}"
    model: object = domain.model
    if model is not None and not isinstance(model, Path):
        yield f"Domain.model must be a Path, was {short(model)}"
    if not isinstance(presets, Mapping) or not all(isinstance(name, str) for name in presets):
        yield f"Domain.presets must be a Mapping of settings by name, was {short(presets)}"
    if not isinstance(suffixes, tuple) or not all(map(_is_suffix, suffixes)):
        yield (
            "Domain.suffixes must be a tuple of lower-case file name endings with their dot, "
            f"was {short(suffixes)}"
        )


def _is_suffix(value: object) -> bool:
    return isinstance(value, str) and value.startswith(".") and value == value.lower()


def _option_faults(domain: Domain) -> Iterator[str]:
    for field in ("data_options", "encoding_options", "generation_options"):
        kind = getattr(domain, field)
        if not (isinstance(kind, type) and is_dataclass(kind) and _is_frozen(kind)):
            yield (
                f"Domain.{field} must be a frozen dataclass (the class itself), was {short(kind)}"
            )
            continue
        kinds = typing.get_type_hints(kind)
        wrong = [fault for item in fields(kind) for fault in _setting_faults(item, kinds)]
        yield from (f"Domain.{field}: {kind.__name__}.{fault}" for fault in wrong)
        if not wrong:
            yield from _default_faults(field, kind)


def _is_frozen(kind: Any) -> bool:
    return bool(kind.__dataclass_params__.frozen)


def _setting_faults(item: Any, kinds: Mapping[str, Any]) -> Iterator[str]:
    if item.default is MISSING and item.default_factory is MISSING:
        yield f"{item.name} must have a default, has none"
    if flag_type(kinds[item.name]) is None:
        yield (
            f"{item.name} must be bool, int, float, str or Path, or one of them or None, to be "
            f"a flag; is {kinds[item.name]}"
        )


def _default_faults(field: str, kind: type[Any]) -> Iterator[str]:
    try:
        kind()
    except Exception as error:
        yield (
            f"Domain.{field} must hold good defaults; {kind.__name__}() raised "
            f"{type(error).__name__}: {error}"
        )


def _function_faults(domain: Domain) -> Iterator[str]:
    for field, arguments in FUNCTIONS.items():
        value = attrgetter(field)(domain)
        if value is None and field not in NEEDED:
            continue
        if not callable(value):
            yield (
                f"Domain.{field} must be callable, was {short(value)}; give the function or class "
                "itself, without ()"
            )
        elif not _takes(value, arguments):
            yield (
                f"Domain.{field} must be callable with ({', '.join(arguments)}), "
                f"takes {inspect.signature(value)}"
            )


def _takes(function: Callable[..., Any], arguments: tuple[str, ...]) -> bool:
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return True  # some callables written in C do not tell what they take
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True

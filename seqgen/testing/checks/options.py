"""Checks of what may be asked for: as options, and as flags of the real command line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqgen.errors import SeqgenError
from seqgen.registry.loading import error_place
from seqgen.testing.check import CheckFailed, NotApplicable, blamed, shown
from seqgen.testing.domain_under_test import Subject, few_items
from seqgen.testing.option_values import extreme_values

CHANGE = "raise a seqgen.SeqgenError that says which values are possible"
#: What may keep a sample from being made at all, and the checks that tell of it.
TELLERS = (
    "domain_fields",
    "corpus",
    "round_trip",
    "encoded_form",
    "json",
    "generation_options",
    "guide_form",
    "contexts",
    "decode_total",
    "text",
)


def check_generation_options(subject: Subject) -> str:
    """Any generation options give a condition and a guide, or a SeqgenError."""
    with blamed("making the default guide", "it must be possible to ask for nothing"):
        subject.guided(subject.defaults)
    asked = _asked(subject)
    for name, value in asked:
        with blamed(f"{name} = {value!r}", CHANGE):
            subject.met({name: value})
    return f"{len(asked)} values"


def check_resolve(subject: Subject) -> str:
    """resolve() returns options of the same class, and resolving them again changes nothing."""
    resolve = subject.domain.resolve
    if resolve is None:
        raise NotApplicable("the domain leaves no option open")
    subject.guided_defaults  # noqa: B018 - what cannot be asked for is told by another check
    asked = [subject.defaults]
    for name, value in _asked(subject):
        with suppress(SeqgenError):
            asked.append(replace(subject.defaults, **{name: value}))
    for options in asked:
        try:
            once = resolve(options)
        except SeqgenError:
            continue
        again = resolve(once)
        if type(once) is not type(options) or once != again:
            raise CheckFailed(
                "resolving resolved options gives other options",
                change="fill in what is open, and leave as it is what is not",
                example=f"{shown(once)}, then {shown(again)}",
            )
    return f"{len(asked)} prompts"


def _asked(subject: Subject) -> list[tuple[str, Any]]:
    return list(extreme_values(subject.domain.generation_options, subject.words))


def check_prompt_flags(subject: Subject) -> str:
    """Every flag works: exit code 0, or 1 with a SeqgenError, and never a traceback."""
    asked = _asked(subject)
    subject.unless_broken(lambda: _check_command_line(subject, asked), *TELLERS)
    return f"{len(asked)} values"


def _check_command_line(subject: Subject, asked: list[tuple[str, Any]]) -> None:
    with model_file(subject) as (path, domain_file):
        for flags in ((), *(_flag(name, value) for name, value in asked)):
            _generate([path, *domain_file], flags, must_work=not flags)


def _flag(name: str, value: Any) -> tuple[str, ...]:
    from seqgen.settings import flag_name

    flag = flag_name(name)
    if isinstance(value, bool):
        return (flag if value else f"--no-{flag[2:]}",)
    return (f"{flag}={value}",)


@contextmanager
def model_file(subject: Subject) -> Iterator[tuple[Path, list[object]]]:
    """A model file of random weights, and the flags that name a domain of one file."""
    from seqgen.models.model_file import save_model
    from seqgen.testing.random_model import untrained_model

    target = subject.target
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save_model(path, untrained_model(subject.loaded, few_items(subject)))
        yield path, ["--domain", target] if target.endswith(".py") else []


def _generate(args: list[object], flags: tuple[str, ...], *, must_work: bool) -> None:
    from seqgen.testing.fixtures import run_command

    shown = f"seqgen generate MODEL {' '.join(flags)}".strip()
    try:
        answer = run_command("generate", *args, "-n", 2, "--json", *flags)
    except SeqgenError:
        return  # SEQGEN_RAISE is set
    except Exception as error:
        raise CheckFailed(
            f"{shown} ends in a traceback: {type(error).__name__}: {error}{error_place(error)}",
            change=CHANGE,
        ) from error
    if answer.code not in (0, 1) or (must_work and answer.code):
        last = (answer.err.strip().splitlines() or ["no message"])[-1]
        raise CheckFailed(f"{shown} ends with exit code {answer.code}: {last}", change=CHANGE)

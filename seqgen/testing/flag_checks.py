"""Check of the prompt flags: each goes through the real command line with a model file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from seqgen.errors import SeqgenError
from seqgen.testing.check import CheckFailed, NotApplicable, blamed, place_of
from seqgen.testing.subject import Subject, split_few
from seqgen.testing.values import extreme_values

CHANGE = "raise a seqgen.SeqgenError that says which values are possible"


def check_prompt_flags(subject: Subject) -> str:
    """Every flag works: exit code 0, or 1 with a SeqgenError, and never a traceback."""
    with blamed("making the default guide", "it must be possible to ask for nothing"):
        subject.guided(subject.defaults)
    asked = list(extreme_values(subject.domain.prompt_options, subject.words))
    for name, value in asked:
        with blamed(f"{name} = {value!r}", CHANGE), suppress(SeqgenError):
            subject.guided(replace(subject.defaults, **{name: value}))
    try:
        with model_file(subject) as (path, domain_file):
            for flags in ((), *(_flag(name, value) for name, value in asked)):
                _generate([path, *domain_file], flags, must_work=not flags)
    except NotApplicable:
        if not fields(subject.domain.prompt_options):
            raise
        return f"{len(asked)} values, without the command line"
    return f"{len(asked)} values"


def _flag(name: str, value: Any) -> tuple[str, ...]:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return (f"--{flag}" if value else f"--no-{flag}",)
    return (f"--{flag}={value}",)


@contextmanager
def model_file(subject: Subject) -> Iterator[tuple[Path, list[object]]]:
    """A model file of random weights, and the flags that name a domain of one file."""
    from seqgen.models.model_file import save_model
    from seqgen.testing.untrained import untrained_model

    target = subject.target
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save_model(path, untrained_model(subject.loaded, split_few(subject)))
        yield path, ["--domain", target] if target.endswith(".py") else []


def _generate(args: list[object], flags: tuple[str, ...], *, must_work: bool) -> None:
    from seqgen.testing.command import run_command

    shown = f"seqgen generate MODEL {' '.join(flags)}".strip()
    try:
        answer = run_command("generate", *args, "-n", 2, "--json", *flags)
    except SeqgenError:
        return  # SEQGEN_RAISE is set
    except Exception as error:
        raise CheckFailed(
            f"{shown} ends in a traceback: {type(error).__name__}: {error}{place_of(error)}",
            change=CHANGE,
        ) from error
    if answer.code not in (0, 1) or (must_work and answer.code):
        last = (answer.err.strip().splitlines() or ["no message"])[-1]
        raise CheckFailed(f"{shown} ends with exit code {answer.code}: {last}", change=CHANGE)

"""seqgen check: whether a domain keeps the laws, check by check, and what to change."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from seqgen.cli.console import Output
from seqgen.cli.options import JSON_FLAG

if TYPE_CHECKING:
    from seqgen.testing.check import Check, Outcome
    from seqgen.testing.domain_under_test import Subject

#: Notes are cut so that a row stays on its line.
WIDEST_NOTE = 70
MARKS = {"passed": "ok", "failed": "FAILED", "not applicable": "-"}


@click.command("check")
@click.argument("domain")
@click.option("--only", multiple=True, metavar="CHECK", help="Run this check; may be repeated.")
@JSON_FLAG
def command(domain: str, only: Sequence[str], as_json: bool) -> int:
    """Check that a DOMAIN keeps the laws: a name, or the path of a .py file.

    One line a check: ok, FAILED, or - where it does not apply. Exit code 1 when one fails.
    """
    from seqgen.testing import CHECKS, Subject, check_named

    out, subject = Output(as_json), Subject(domain)
    checks = [check_named(name) for name in only] or list(CHECKS)
    width = max(len(check.name) for check in checks)
    outcomes = []
    for outcome in _outcomes(checks, subject):
        note = outcome.note.splitlines()[0] if outcome.note else ""
        out.say(
            f"{outcome.name:<{width}}  {MARKS[outcome.status]:<6}  {_cut(note)}".rstrip(),
            style="red" if outcome.status == "failed" else "",
        )
        sys.stdout.flush()
        outcomes.append(outcome)
    failed = any(outcome.status == "failed" for outcome in outcomes)
    figures = _speed(subject) if not only and not failed else {}
    _tell(out, outcomes, figures)
    out.json(_to_json(domain, outcomes, figures))
    return 1 if failed else 0


def _cut(note: str) -> str:
    return note if len(note) <= WIDEST_NOTE else f"{note[: WIDEST_NOTE - 4]} ..."


def _outcomes(checks: Sequence[Check], subject: Subject) -> Iterator[Outcome]:
    """How each check ends; in a terminal the one that runs is named on stderr."""
    for check in checks:
        with _named(check.name):
            outcome = check.outcome(subject)
        yield outcome


@contextmanager
def _named(name: str) -> Iterator[None]:
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{name} ..."):
        yield


def _speed(subject: Subject) -> dict[str, float]:
    from seqgen.testing import measure_speed

    return measure_speed(subject)


def _tell(out: Output, outcomes: Sequence[Outcome], figures: dict[str, float]) -> None:
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    for outcome in failed:
        out.say(f"\n{outcome.name}: {outcome.note}")
        if outcome.example:
            out.say(f"  example         {outcome.example}")
        out.say(f"  what to change  {outcome.change}")
    out.say()
    for name, figure in figures.items():
        out.say(f"{figure:>12,.0f} {name}")
    counts = Counter(outcome.status for outcome in outcomes)
    out.say(
        f"{len(outcomes)} check{'s' * (len(outcomes) != 1)}: {counts['passed']} passed, "
        f"{counts['not applicable']} do not apply, {len(failed) or 'none'} failed"
    )


def _to_json(
    domain: str, outcomes: Sequence[Outcome], figures: dict[str, float]
) -> dict[str, object]:
    checks = [
        {
            "name": outcome.name,
            "status": outcome.status,
            "note": outcome.note,
            "example": outcome.example,
            "change": outcome.change,
        }
        for outcome in outcomes
    ]
    return {"domain": domain, "checks": checks, "speed": figures}

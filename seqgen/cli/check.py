"""seqgen check: the conformance checks of a domain or a cell; what to change if one fails."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output
from seqgen.runs.progress import Progress

if TYPE_CHECKING:
    from seqgen.models.cells.cell import Cell
    from seqgen.testing.named_check import Outcome

#: Longer notes are cut, so that a row fits on a line.
MAX_NOTE = 70
MARKS = {"passed": "ok", "failed": "FAILED", "not applicable": "-"}


@click.command("check")
@click.argument("domain", required=False)
@click.option("--cell", metavar="NAME", help="Check this recurrent cell instead of a domain.")
@click.option("--only", multiple=True, metavar="CHECK", help="Run this check; may be repeated.")
@options.JSON
def command(domain: str | None, cell: str | None, only: Sequence[str], as_json: bool) -> int:
    """Check that a DOMAIN works as seqgen expects: a name, or the path of a .py file.

    Prints a line for each check: ok, FAILED, or - if it does not apply. The exit code is 1 if a
    check fails.
    """
    from seqgen.testing import DomainUnderTest, check_named, checks_of, measure_speed

    if (domain is None) == (cell is None):
        raise click.UsageError("give a DOMAIN or --cell NAME")
    out = Output(as_json)
    under_test, every = checks_of(_find_cell(cell) if cell else str(domain))
    checks = [check_named(name, every) for name in only] or list(every)
    width = max(len(check.name) for check in checks)
    outcomes = []
    for check in checks:
        with Progress(f"{check.name} ..."):
            outcome = check.outcome(under_test)
        note = outcome.note.partition("\n")[0]
        note = note if len(note) <= MAX_NOTE else f"{note[: MAX_NOTE - 4]} ..."
        out.print(
            f"{outcome.name:<{width}}  {MARKS[outcome.status]:<6}  {note}".rstrip(),
            style="red" if outcome.status == "failed" else "",
        )
        sys.stdout.flush()
        outcomes.append(outcome)
    failed = any(outcome.status == "failed" for outcome in outcomes)
    speed = {}
    if isinstance(under_test, DomainUnderTest) and not only and not failed:
        with Progress("measuring the speed ..."):
            speed = measure_speed(under_test)
    _print_summary(out, outcomes, speed)
    results = [asdict(outcome) for outcome in outcomes]
    subject = {"cell": cell} if cell else {"domain": domain}
    out.json({**subject, "checks": results, "speed": speed})
    return 1 if failed else 0


def _find_cell(name: str) -> Cell:
    from seqgen.models.cells.builtin_cells import find_cell

    return find_cell(name)


def _print_summary(out: Output, outcomes: Sequence[Outcome], speed: dict[str, float]) -> None:
    for outcome in outcomes:
        if outcome.status == "failed":
            out.print(f"\n{outcome.name}: {outcome.note}")
            if outcome.example:
                out.print(f"  example         {outcome.example}")
            out.print(f"  what to change  {outcome.change}")
    out.print()
    for name, value in speed.items():
        out.print(f"{value:>12,.0f} {name}")
    counts = Counter(outcome.status for outcome in outcomes)
    out.print(
        f"{len(outcomes)} check{'s' * (len(outcomes) != 1)}: {counts['passed']} passed, "
        f"{counts['not applicable']} do not apply, {counts['failed'] or 'none'} failed"
    )

"""seqgen check: the conformance checks of a domain or a component; what to change if one fails."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output
from seqgen.errors import SettingError
from seqgen.runs.progress import Progress

if TYPE_CHECKING:
    from seqgen.testing.checks import Target
    from seqgen.testing.named_check import Outcome

#: Longer notes are cut, so that a row fits on a line.
MAX_NOTE = 70
MARKS = {"passed": "ok", "failed": "FAILED", "not applicable": "-"}


@click.command("check")
@click.argument("domain", required=False)
@click.option("--cell", metavar="NAME", help="Check this recurrent cell instead of a domain.")
@click.option("--sampler", metavar="NAME", help="Check this sampler, with its default options.")
@click.option(
    "--processor", metavar="NAME", help="Check this logits processor, with its default options."
)
@click.option("--only", multiple=True, metavar="CHECK", help="Run this check; may be repeated.")
@options.JSON
def command(only: Sequence[str], as_json: bool, **names: str | None) -> int:
    """Check that a DOMAIN works as seqgen expects: a name, or the path of a .py file.

    Prints a line for each check: ok, FAILED, or - if it does not apply. The exit code is 1 if a
    check fails.
    """
    from seqgen.testing import DomainUnderTest, check_named, checks_of, measure_speed

    named = {kind: name for kind, name in names.items() if name is not None}
    if len(named) != 1:
        raise click.UsageError("give one of DOMAIN, --cell, --sampler and --processor")
    out = Output(as_json)
    under_test, every = checks_of(_find_target(*next(iter(named.items()))))
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
    out.json({**named, "checks": results, "speed": speed})
    return 1 if failed else 0


def _find_target(kind: str, name: str) -> Target:
    """What is checked; a sampler or processor has its default options."""
    if kind == "cell":
        from seqgen.models.cells.builtin_cells import find_cell

        return find_cell(name)
    if kind == "domain":
        return name
    from seqgen.generation.components import PROCESSOR, SAMPLER
    from seqgen.generation.sampler import Sampler
    from seqgen.registry.components import find_component
    from seqgen.testing import letters_encoder

    found = find_component(SAMPLER if kind == "sampler" else PROCESSOR, name).value
    if kind == "processor":
        made = found.make(found.Options(), letters_encoder())
    else:
        made = found() if issubclass(found, Sampler) else None
    if made is None:
        raise SettingError(
            f"{kind} {name!r} cannot be checked by name: it changes nothing with its default "
            "options, or finds items together; check an object with seqgen.testing"
        )
    target: Target = made
    return target


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

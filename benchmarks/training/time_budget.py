"""Minutes promised and taken: ``seqgen train --minutes`` on two domains and a larger list.

    python -m benchmarks.training.time_budget [--cases 0 1 2]

A command a case, timed from outside, its start-up counted. On a machine that does other things
the probe finds a slow machine, and the load may change on the way.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.quality.word_lists import identifiers

#: The list, the preset and the minutes.
CASES = (
    ("dinos", "auto", 0.5),
    ("dinos", "auto", 1.0),
    ("dinos", "auto", 2.0),
    ("jazz", "auto", 0.5),
    ("jazz", "auto", 1.0),
    ("jazz", "auto", 2.0),
    ("identifiers", "small", 2.0),
    ("identifiers", "medium", 3.0),
)
CALL = "import sys; from seqgen.cli.main import main; main(sys.argv[1:])"


@click.command()
@click.option("--cases", type=int, multiple=True, default=range(len(CASES)), help="By number.")
def main(cases: Sequence[int]) -> None:
    """Print the table, a row a case."""
    print(
        "| list | preset | networks, epochs | changed | requested, s | actual, s | | CPU, s "
        "| stopped by |"
    )
    print("|" + "---|" * 9, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "identifiers.txt"
        path.write_text("\n".join(identifiers()) + "\n")
        for number in cases:
            print(_row(*CASES[number], path), flush=True)


def _row(name: str, preset: str, minutes: float, identifiers_at: Path) -> str:
    data = ["--data", str(identifiers_at)] if name == "identifiers" else []
    with tempfile.TemporaryDirectory() as out:
        domain = "jazz" if name == "jazz" else "dinos"
        asked = ["train", domain, *data, "--preset", preset, "--minutes", str(minutes)]
        command = [sys.executable, "-c", CALL, *asked, "--out", out, "--json"]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        answer = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ
        )
        taken = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        plan = json.loads((Path(out) / "plan.json").read_text())
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended = json.loads(answer.stdout)["training"]["ended"]
    return (
        f"| {name} | {plan['preset']} | {plan['networks']}, {plan['epochs']} | "
        f"{len(plan['changes'])} times | {60 * minutes:.0f} | "
        f"{taken:.0f} | {taken / (60 * minutes) - 1:+.0%} | {cpu:.0f} | {ended} |"
    )


if __name__ == "__main__":
    main()

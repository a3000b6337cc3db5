"""Requested and actual minutes of ``seqgen train --minutes``, on two domains and a larger list.

    python -m benchmarks.training.time_budget [--cases 0 --cases 1]

One command per case, timed from outside, including its start. Other load on the machine affects
the result.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.quality.word_lists import identifiers
from benchmarks.timing import child_cpu_seconds

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
@click.option(
    "--cases",
    type=int,
    multiple=True,
    default=range(len(CASES)),
    help="Numbers of the cases; default all.",
)
def main(cases: Sequence[int]) -> None:
    """Print the table, one row per case."""
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


def _row(name: str, preset: str, minutes: float, path: Path) -> str:
    data = ["--data", str(path)] if name == "identifiers" else []
    with tempfile.TemporaryDirectory() as out:
        domain = "jazz" if name == "jazz" else "dinos"
        arguments = ["train", domain, *data, "--preset", preset, "--minutes", str(minutes)]
        command = [sys.executable, "-c", CALL, *arguments, "--out", out, "--json"]
        cpu_before, start = child_cpu_seconds(), time.monotonic()
        process = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        seconds, cpu = time.monotonic() - start, child_cpu_seconds() - cpu_before
        plan = json.loads((Path(out) / "plan.json").read_text())
    ended = json.loads(process.stdout)["training"]["ended"]
    return (
        f"| {name} | {plan['preset']} | {plan['networks']}, {plan['epochs']} | "
        f"{len(plan['changes'])} times | {60 * minutes:.0f} | "
        f"{seconds:.0f} | {seconds / (60 * minutes) - 1:+.0%} | {cpu:.0f} | {ended} |"
    )


if __name__ == "__main__":
    main()

"""The page of the training benchmark, in Markdown, from figures alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.timing import Spread

COLUMNS = (
    "| | tokens a CPU second | tokens a wall second | seqgen's speed over it, CPU | wall | "
    "build and first run, s |"
)


@dataclass
class Figures:
    """What was measured of one peer at one size.

    Args:
        name: As the table shows it.
        build: Wall seconds to build it and to run it once; None where it never ran.
        rounds: Microseconds of CPU time a token, one value a round.
        walls: The same of wall time.
        why: Why there are no figures; empty where there are.
    """

    name: str
    build: float | None = None
    rounds: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
    why: str = ""


@dataclass(frozen=True)
class Share:
    """The input pipeline beside a step, in milliseconds.

    Args:
        size: Its name.
        batch: To make one batch in NumPy.
        stream: To draw one from the stream that ``fit`` reads.
        step: One optimiser step, all counted.
    """

    size: str
    batch: float
    stream: float
    step: float


def speed_table(title: str, peers: Sequence[Figures]) -> str:
    """The peers of one size; the first one is held against each other one.

    Args:
        title: The heading.
        peers: What was measured.
    """
    lines = [f"## {title}", "", COLUMNS, "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(peer, peers[0]) for peer in peers)]) + "\n"


def _row(peer: Figures, ours: Figures) -> str:
    if peer.why:
        return f"| {peer.name} | {peer.why} | | | | |"
    cpu, wall = (_speed(values) for values in (peer.rounds, peer.walls))
    shown = "| |"
    if peer is not ours and not ours.why:
        by_cpu, by_wall = (
            Spread.of([other / own for other, own in zip(theirs, mine, strict=True)])
            for theirs, mine in ((peer.rounds, ours.rounds), (peer.walls, ours.walls))
        )
        shown = f"{by_cpu} | {by_wall} |"
    return f"| {peer.name} | {cpu} | {wall} | {shown} {peer.build:.1f} |"


def _speed(microseconds: Sequence[float]) -> Spread:
    return Spread.of([1e6 / value for value in microseconds])


def start_table(stages: Mapping[str, tuple[Spread, Spread]]) -> str:
    """From the start of a process to its first step.

    Args:
        stages: Wall and CPU seconds of each stage.
    """
    lines = ["## Start to first step", ""]
    lines += ["A fresh process at size A, in seconds; the target is under 4 s.", ""]
    lines += ["| | wall | CPU |", "|---|---|---|"]
    lines += [f"| {name} | {wall} | {cpu} |" for name, (wall, cpu) in stages.items()]
    return "\n".join(lines) + "\n"


def pipeline_table(shares: Sequence[Share]) -> str:
    """What the input pipeline takes of a step."""
    lines = [
        "## The input pipeline",
        "",
        "Wall time in milliseconds of the data stream that `fit` reads, without training, and of",
        "a complete training step, and the share of the stream in the step if they did not",
        "overlap. The target is under 5 %.",
        "",
        "| size | `Batches` only, ms per batch | stream, ms per batch | step, ms | share |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.size} | {one.batch:.2f} | {one.stream:.2f} | {one.step:.1f} | "
        f"{one.stream / one.step:.1%} |"
        for one in shares
    ]
    return "\n".join(lines) + "\n"

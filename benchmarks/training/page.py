"""The page of the training benchmark in Markdown; imports neither Keras nor TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.timing import Spread, compute_ratios

COLUMNS = (
    "| | tokens a CPU second | tokens a wall second | seqgen's speed over it, CPU | wall | "
    "build and first run, s |"
)


@dataclass
class Figures:
    """The measurements of one peer at one size.

    Args:
        name: The name in the table.
        build: Wall seconds to build the peer and to run it once; None if it did not run.
        rounds: Microseconds of CPU time per token, one value per round.
        walls: Microseconds of wall time per token, one value per round.
        failure: Why there are no measurements; empty if there are.
    """

    name: str
    build: float | None = None
    rounds: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True)
class PipelineTimes:
    """The times of the input pipeline and of a step, in milliseconds.

    Args:
        size: The name of the size.
        batch: The time to make a batch in NumPy.
        stream: The time to read a batch from the stream that ``fit`` reads.
        step: The time of a complete training step.
    """

    size: str
    batch: float
    stream: float
    step: float


def speed_table(title: str, peers: Sequence[Figures]) -> str:
    """The table of one size, with the ratios of the first peer to each other one."""
    lines = [f"## {title}", "", COLUMNS, "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(peer, peers[0]) for peer in peers)]) + "\n"


def _row(peer: Figures, ours: Figures) -> str:
    if peer.failure:
        return f"| {peer.name} | {peer.failure} | | | | |"
    cpu, wall = (_speed(values) for values in (peer.rounds, peer.walls))
    ratios = "| |"
    if peer is not ours and not ours.failure:
        by_cpu = compute_ratios(peer.rounds, ours.rounds)
        ratios = f"{by_cpu} | {compute_ratios(peer.walls, ours.walls)} |"
    return f"| {peer.name} | {cpu} | {wall} | {ratios} {peer.build:.1f} |"


def _speed(microseconds: Sequence[float]) -> Spread:
    return Spread.of([1e6 / value for value in microseconds])


def start_table(stages: Mapping[str, tuple[Spread, Spread]]) -> str:
    """The table of the wall and CPU seconds of each stage up to the first step."""
    lines = ["## Start to first step", ""]
    lines += ["A fresh process at size A, in seconds; the target is under 4 s.", ""]
    lines += ["| | wall | CPU |", "|---|---|---|"]
    lines += [f"| {name} | {wall} | {cpu} |" for name, (wall, cpu) in stages.items()]
    return "\n".join(lines) + "\n"


def pipeline_table(sizes: Sequence[PipelineTimes]) -> str:
    """The table of the share of the input pipeline in a step."""
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
        f"| {times.size} | {times.batch:.2f} | {times.stream:.2f} | {times.step:.1f} | "
        f"{times.stream / times.step:.1%} |"
        for times in sizes
    ]
    return "\n".join(lines) + "\n"

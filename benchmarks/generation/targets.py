"""The targets of the generation benchmark, and whether the measurements reach them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.generation import peers
from benchmarks.generation.network import Cell
from benchmarks.timing import Peer, Spread, compute_ratios, judge

#: The peers of one cell by name.
Measured = Mapping[str, Peer]
#: By units and batch: the maximum time relative to the compiled loop, and to the floor.
LOOP_LIMITS = {(64, 1): 2.0, (64, 32): 1.0, (64, 512): 1.0} | {(512, b): 1.15 for b in (1, 32, 512)}
FLOOR_LIMITS = {(64, 32): 4.5, (64, 512): 3.0} | {(512, b): 1.3 for b in (1, 32, 512)}
#: At batch 1 and 64 units: the minimum speed relative to each of these Python loops.
MIN_SPEEDUPS = {peers.TORCH: 5.0, peers.CALLED: 100.0, peers.PREDICTED: 1000.0}
FILTERED_LIMIT = 2.0
START_LIMIT = 0.5


@dataclass(frozen=True)
class Target:
    """A row of the table of targets.

    Args:
        text: The target.
        measured: The measured ratio or time.
        result: Whether the target is met, or why nothing was measured.
    """

    text: str
    measured: Spread | None
    result: str


def at_most(text: str, measured: Spread, limit: float) -> Target:
    """A target that the measured value must not exceed."""
    return Target(text, measured, judge(measured, limit))


def at_least(text: str, measured: Spread, limit: float) -> Target:
    """A target that the measured value must reach."""
    negated = Spread(-measured.median, -measured.most, -measured.least)
    return Target(text, measured, judge(negated, -limit))


def speed_targets(cells: Sequence[tuple[Cell, Measured]]) -> list[Target]:
    """The targets of every measured cell, those relative to compiled loops first."""
    return [
        target
        for targets_of in (_loop_targets, _floor_targets, _other_targets)
        for cell, measured in cells
        for target in targets_of(cell, measured)
    ]


def start_targets(times: Mapping[str, Spread]) -> list[Target]:
    """The target of the time from the shell to the first sample, the first of ``times``."""
    text = f"shell to first sample: at most {START_LIMIT} s"
    return [at_most(text, seconds, START_LIMIT) for seconds in list(times.values())[:1]]


def _ratio(one: Peer, other: Peer) -> Spread:
    return compute_ratios(one.rounds, other.rounds)


def _loop_targets(cell: Cell, measured: Measured) -> list[Target]:
    """Relative to every compiled loop with XLA: as usually written, and tuned by hand."""
    limit = LOOP_LIMITS.get((cell.units, cell.batch))
    if limit is None:
        return []
    text = f"{cell.units} units, batch {cell.batch}: at most {limit:g} times"
    names = [name for name in measured if "XLA" in name]
    if not names:
        return [Target(f"{text} the compiled loop", None, "not measured: no TensorFlow")]
    ours = measured[peers.SEQGEN]
    return [at_most(f"{text} the {name}", _ratio(ours, measured[name]), limit) for name in names]


def _floor_targets(cell: Cell, measured: Measured) -> list[Target]:
    limit = FLOOR_LIMITS.get((cell.units, cell.batch))
    if limit is None:
        return []
    text = f"{cell.units} units, batch {cell.batch}: at most {limit:g} times the floor"
    return [at_most(text, _ratio(measured[peers.SEQGEN], measured[peers.FLOOR]), limit)]


def _other_targets(cell: Cell, measured: Measured) -> list[Target]:
    """Python loops at batch 1, and the cost of truncation and penalty at batch 32."""
    targets = []
    ours = measured[peers.SEQGEN]
    shape = f"{cell.units} units, batch {cell.batch}"
    if (cell.units, cell.batch) == (64, 1):
        for name, limit in MIN_SPEEDUPS.items():
            text = f"{shape}: at least {limit:,.0f} times as fast as the {name}"
            if name in measured:
                targets.append(at_least(text, _ratio(measured[name], ours), limit))
            else:
                targets.append(Target(text, None, "not measured: not installed"))
    if (cell.units, cell.batch) == (64, 32):
        text = f"{shape}: top-p and repetition penalty at most {FILTERED_LIMIT:g} times plain"
        ratio = _ratio(measured[peers.FILTERED], ours)
        targets.append(at_most(text, ratio, FILTERED_LIMIT))
    return targets

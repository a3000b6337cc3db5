"""What must be reached, and what the measurements say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.generation import peers as peers
from benchmarks.generation.network import Cell
from benchmarks.timing import Peer, Spread, ratios, verdict

#: The peers of one cell by their names.
Measured = Mapping[str, Peer]
#: By units and batch: how much of the time of the compiled loop, and of the floor, at most.
LOOP_BARS = {(64, 1): 2.0, (64, 32): 1.0, (64, 512): 1.0} | {(512, b): 1.15 for b in (1, 32, 512)}
FLOOR_BARS = {(64, 32): 4.5, (64, 512): 3.0} | {(512, b): 1.3 for b in (1, 32, 512)}
#: At batch 1 and 64 units: how many times faster than a Python loop around each of these.
FASTER_BARS = {peers.TORCH: 5.0, peers.CALLED: 100.0, peers.PREDICTED: 1000.0}
FILTERED_BAR = 2.0
START_BAR = 0.5


@dataclass(frozen=True)
class Bar:
    """One line of the list of bars.

    Args:
        text: What is asked for.
        found: What was measured.
        says: Whether that is enough, or why nothing was measured.
    """

    text: str
    found: Spread | None
    says: str


def at_most(text: str, found: Spread, bar: float) -> Bar:
    """A bar that the measured value must not exceed."""
    return Bar(text, found, verdict(found, bar))


def at_least(text: str, found: Spread, bar: float) -> Bar:
    """A bar that the measured value must reach."""
    turned = Spread(-found.median, -found.most, -found.least)
    return Bar(text, found, verdict(turned, -bar))


def speed_bars(cells: Sequence[tuple[Cell, Measured]]) -> list[Bar]:
    """The bars of every measured cell, those beside compiled loops first."""
    loops = [bar for cell, measured in cells for bar in _loop_bars(cell, measured)]
    floors = [bar for cell, measured in cells for bar in _floor_bars(cell, measured)]
    others = [bar for cell, measured in cells for bar in _other_bars(cell, measured)]
    return [*loops, *floors, *others]


def _loop_bars(cell: Cell, measured: Measured) -> list[Bar]:
    """Beside every compiled loop with XLA: as it is usually written, and tuned by hand."""
    most = LOOP_BARS.get((cell.units, cell.batch))
    if most is None:
        return []
    where = f"{cell.units} units, batch {cell.batch}: at most {most:g} times"
    names = [name for name in measured if "XLA" in name]
    if not names:
        return [Bar(f"{where} the compiled loop", None, "not measured: no TensorFlow")]
    ours = measured[peers.SEQGEN]
    return [at_most(f"{where} the {name}", ratios(ours, measured[name]), most) for name in names]


def _floor_bars(cell: Cell, measured: Measured) -> list[Bar]:
    most = FLOOR_BARS.get((cell.units, cell.batch))
    if most is None:
        return []
    text = f"{cell.units} units, batch {cell.batch}: at most {most:g} times the floor"
    return [at_most(text, ratios(measured[peers.SEQGEN], measured[peers.FLOOR]), most)]


def _other_bars(cell: Cell, measured: Measured) -> list[Bar]:
    """Python loops at batch 1, and what cut-off and penalty cost at batch 32."""
    bars = []
    ours = measured[peers.SEQGEN]
    where = f"{cell.units} units, batch {cell.batch}"
    if (cell.units, cell.batch) == (64, 1):
        for name, least in FASTER_BARS.items():
            text = f"{where}: at least {least:,.0f} times as fast as the {name}"
            if name in measured:
                bars.append(at_least(text, ratios(measured[name], ours), least))
            else:
                bars.append(Bar(text, None, "not measured: not installed"))
    if (cell.units, cell.batch) == (64, 32):
        text = f"{where}: top-p and repetition penalty at most {FILTERED_BAR:g} times plain"
        bars.append(at_most(text, ratios(measured[peers.FILTERED], ours), FILTERED_BAR))
    return bars

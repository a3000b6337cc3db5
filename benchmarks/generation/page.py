"""The page of the generation benchmark, in markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.generation.network import TEMPERATURE, VOCABULARY, Cell
from benchmarks.generation.peers import TORCH, torch_installed
from benchmarks.generation.replay import Replay
from benchmarks.generation.targets import Bar, Measured
from benchmarks.timing import Spread

PACKAGES = ("numpy", "tensorflow", "keras", "torch")

READING = (
    "## How to read it",
    "",
    "- At batch 1 a NumPy call costs 0.3 to 1 microseconds whatever it computes, and a step is "
    "some fifteen calls. A compiled loop has no such cost.",
    "- In larger batches every call reads and writes its arrays once more, where XLA joins all "
    "elementwise work between two products into one pass.",
    "- The running sum over the tokens is a chain of additions that wait for each other. The "
    "product with a triangle of ones, which makes the tuned loop so much quicker, rounds "
    "otherwise in batches of other shapes; seqgen does without it, so that with the same logits "
    "a row draws the same token in every batch.",
    "- The floor is two products as NumPy does them, rows by columns. A loop whose library "
    "multiplies quicker at a shape can come close to it or lie below it.",
)


def head(rounds: int, steps: int) -> list[str]:
    """What was done, on what."""
    return [
        "# Generation beside its peers",
        "",
        "Written by `python -m benchmarks.generation.benchmark`. One LSTM over "
        f"{VOCABULARY} tokens, the same weights everywhere, {steps} steps, full categorical "
        f"sampling at temperature {TEMPERATURE}.",
        "One thread, process CPU time, microseconds a token: the median of "
        f"{rounds} rounds, in brackets the range. In each round every peer runs once, in turning "
        "order. A ratio is taken within each round. A difference inside the range is no win.",
        "",
        f"{machine()}. Load when the run began: {os.getloadavg()[0]:.1f}. {versions()}.",
        "",
        "What is timed: seqgen draws its uniforms, reckons log-probabilities and decodes the "
        "items within the measured time, and reads one token more a row than it draws. The "
        "compiled loops are given their uniforms and give tokens alone; their compilation is "
        "not in the figures but in a table of its own. `tuned by hand` has one `tanh` for all "
        "gates and sums the distribution by a product with a triangle of ones: the strongest "
        "compiled loop found. The Keras models do a few steps only. Hugging Face `generate` and "
        "keras-hub are left out: neither has a recurrent model that could do the same work. "
        "`KerasRNN.draw` is seqgen's own compiled loop.",
    ]


def speed(cells: Sequence[tuple[Cell, Measured]], entropies: Mapping[int, float]) -> list[str]:
    """The table of microseconds a token."""
    drawn = ", ".join(f"{nats:.2f} at {units} units" for units, nats in entropies.items())
    lines = [
        "## Microseconds a token",
        "",
        *_head(cell for cell, _ in cells),
    ]
    names = list(dict.fromkeys(name for _, measured in cells for name in measured))
    for name in names:
        found = [measured.get(name) for _, measured in cells]
        shown = [str(Spread.of(peer.rounds)) if peer else "-" for peer in found]
        lines.append(_row(name, shown))
    if not torch_installed():
        lines.append(_row(TORCH, ["not installed"] * len(cells)))
    return [*lines, "", f"Nats a token that seqgen's draws have: {drawn}."]


def compiling(cells: Sequence[tuple[Cell, Measured]]) -> list[str]:
    """The table of first calls."""
    found = {
        name: [peer.compiled for _, m in cells if (peer := m.get(name)) and peer.compiled]
        for name in dict.fromkeys(name for _, measured in cells for name in measured)
    }
    lines = [
        "## First call of a compiled loop, wall seconds",
        "",
        "| | one shape | |",
        "|---|---|---|",
    ]
    for name, seconds in found.items():
        if seconds:
            lines.append(f"| {name} | {Spread.of(seconds)} | over {len(seconds)} shapes |")
    return lines if len(lines) > 4 else []


def same_work(agreements: Mapping[str, Mapping[Cell, str]]) -> list[str]:
    """Whether the peers that take uniforms draw the same tokens."""
    if not agreements:
        return []
    lines = [
        "## The same tokens for the same uniforms",
        "",
        "Rows with a token other than seqgen's. In brackets how far the uniform is at most from "
        "an edge of the cumulative distribution where such rows part: within rounding.",
        "",
        *_head(next(iter(agreements.values()))),
    ]
    return [*lines, *(_row(name, by_cell.values()) for name, by_cell in agreements.items())]


def _head(cells: Iterable[Cell]) -> list[str]:
    """The head of a table with a column for each cell."""
    titles = [f"{cell.units} units, batch {cell.batch}" for cell in cells]
    return [_row("", titles), "|---" * (len(titles) + 1) + "|"]


def _row(name: str, values: Iterable[object]) -> str:
    return "| " + " | ".join([name, *map(str, values)]) + " |"


def bar_lines(bars: Sequence[Bar]) -> list[str]:
    """What was asked for and whether it is reached."""
    lines = ["## Bars", "", "| asked for | measured | |", "|---|---|---|"]
    for bar in bars:
        lines.append(f"| {bar.text} | {bar.found or '-'} | {bar.says} |")
    return lines


def parts_lines(cells: Sequence[tuple[Cell, Mapping[str, Spread]]]) -> list[str]:
    """Where seqgen's time goes."""
    lines = [
        "## Where the time goes",
        "",
        "Microseconds a token. The first rows are the parts of seqgen, the rows with a dash "
        "single NumPy calls on arrays of the same shapes, timed alone. The rest is what the parts "
        "leave over, and with it what they lose by driving each other out of the cache.",
        "",
        *_head(cell for cell, _ in cells),
    ]
    for name in cells[0][1]:
        lines.append(_row(name, (found[name] for _, found in cells)))
    return lines


def start_lines(times: Mapping[str, Spread]) -> list[str]:
    """From the shell to the first sample."""
    lines = ["## Shell to first sample, wall seconds", ""]
    if not times:
        return [*lines, "Not measured: no model file was given, and none could be trained."]
    lines += ["A dinos model file, everything in memory.", "", "| | seconds |", "|---|---|"]
    return [*lines, *(f"| {name} | {spread} |" for name, spread in times.items())]


def replay_lines(replays: Sequence[Replay]) -> list[str]:
    """Whether samples stay the same in other company."""
    lines = ["## Replay", ""]
    first = replays[0]
    lines.append(
        f"{first.items:,} samples of {first.tokens / first.items:.1f} tokens in the mean, each "
        "against the same sample drawn alone. Matrix products of other shapes round otherwise, "
        "so a uniform that lies nearer to an edge of the cumulative distribution than the two "
        "ways lie apart (or than a sum in single precision is exact, 1e-6 at most) may fall on "
        "the other side."
    )
    lines += ["", "| drawn | other items | explained by rounding |", "|---|---|---|"]
    for way in replays:
        good = sum(difference.explained for difference in way.differences)
        lines.append(f"| {way.name} | {len(way.differences)} | {good} |")
    lines.append("")
    for way in replays:
        for one in way.differences:
            lines.append(
                f"- {way.name}: sample {one.index} parts at token {one.place}; the uniform is "
                f"{one.margin:.1e} from an edge, the distributions are {one.deviation:.1e} apart."
            )
    return lines


def machine() -> str:
    """The processor and how many cores it shows."""
    name = platform.processor() or platform.machine()
    told = Path("/proc/cpuinfo")
    if told.is_file():
        names = [row for row in told.read_text().splitlines() if row.startswith("model name")]
        name = names[0].partition(":")[2].strip() if names else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def versions() -> str:
    """The versions of Python and of the peers."""
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)

"""Helpers of the benchmarks: interleaved timing, subprocesses, and figures in tables."""

from __future__ import annotations

import math
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
#: Music files that are not part of the repository, next to it.
REAL_MUSIC = ROOT.parent / "shared" / "data" / "jazz"
#: The pages of figures.
PAGES = ROOT / "docs" / "benchmarks"
#: Packages whose versions a page states.
PACKAGES = ("numpy", "tensorflow", "keras", "torch")
#: A measurement repeats a run until it takes this many CPU seconds, at most this many times.
MIN_SECONDS, MAX_REPEATS = 0.2, 200


@dataclass
class Peer:
    """One implementation of the work.

    Args:
        name: The name in the table.
        run: Does the work once.
        tokens: The number of tokens that one run generates or trains on.
        compiled: Wall seconds of the first call, if that compiles.
        rounds: Microseconds of CPU time per token, one value per round.
        walls: Microseconds of wall time per token, one value per round.
    """

    name: str
    run: Callable[[], object]
    tokens: int
    compiled: float | None = None
    rounds: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Spread:
    """The median, minimum and maximum of several values."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of these values."""
        return cls(float(np.median(values)), min(values), max(values))

    def __str__(self) -> str:
        return f"{format_time(self.median)} [{format_time(self.least)}-{format_time(self.most)}]"


def format_time(value: float) -> str:
    """A time or a ratio with about three digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def interleave(peers: Sequence[Peer], rounds: int, min_seconds: float = MIN_SECONDS) -> None:
    """Measure each peer once per round, in rotating order, and append to its ``rounds``."""
    repeats = [count_repeats(peer, min_seconds) for peer in peers]
    for turn in range(rounds):
        for place in range(len(peers)):
            at = (place + turn) % len(peers)
            seconds, wall = measure(peers[at], repeats[at])
            peers[at].rounds.append(seconds)
            peers[at].walls.append(wall)


def count_repeats(peer: Peer, min_seconds: float) -> int:
    """How often one measurement runs a peer; the first call is not counted."""
    peer.run()
    seconds = measure(peer, 1)[0] * peer.tokens / 1e6
    return max(1, min(MAX_REPEATS, math.ceil(min_seconds / max(seconds, 1e-6))))


def measure(peer: Peer, repeats: int) -> tuple[float, float]:
    """Microseconds per token: CPU time of all threads of this process, and wall time."""
    wall, start = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        peer.run()
    spent = time.process_time() - start, time.perf_counter() - wall
    return spent[0] / repeats / peer.tokens * 1e6, spent[1] / repeats / peer.tokens * 1e6


def compute_ratios(values: Sequence[float], others: Sequence[float]) -> Spread:
    """The spread of ``values`` divided by ``others``, round by round."""
    return Spread.of([value / other for value, other in zip(values, others, strict=True)])


def judge(ratio: Spread, limit: float) -> str:
    """Whether a ratio is at most ``limit``, and whether this is certain within the noise."""
    if ratio.most <= limit:
        return "met in every round"
    if ratio.least > limit:
        return "**not met**"
    if ratio.median <= limit:
        return "median met, inside the noise"
    return "**median not met**, inside the noise"


def import_jazz_test_module(name: str) -> Any:
    """Import a module of ``plugins/jazz/tests`` that contains no tests."""
    folder = str(ROOT / "plugins" / "jazz" / "tests")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return import_module(name)


def seqgen_command(*arguments: str) -> list[str]:
    """A command line of the ``seqgen`` script of this Python environment."""
    return [str(Path(sys.executable).with_name("seqgen")), *arguments]


def run_command(command: Sequence[str]) -> str:
    """Run a command and return its standard output.

    Raises:
        RuntimeError: The command failed; the message contains its standard error.
    """
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {process.stderr.strip()}")
    return process.stdout


def child_cpu_seconds() -> float:
    """CPU seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def describe_machine() -> str:
    """The processor, its number of cores and the operating system."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [row for row in cpuinfo.read_text().splitlines() if row.startswith("model name")]
        name = names[0].partition(":")[2].strip() if names else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def describe_versions() -> str:
    """The versions of Python and of ``PACKAGES``."""
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            versions.append(f"{package} not installed")
    return ", ".join(versions)

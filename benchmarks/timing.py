"""Interleaved timing: every peer once a round, in turning order; process CPU time and wall time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

#: A run is repeated until it takes about so many CPU seconds, and at most so many times.
LEAST_SECONDS, MOST_REPEATS = 0.2, 200


@dataclass
class Peer:
    """One way to do the work.

    Args:
        name: As the table shows it.
        run: Does the work once.
        tokens: How many tokens one run draws or learns from.
        compiled: Seconds of its first call, where that compiles; wall time.
        rounds: Microseconds of CPU time a token, one value a round.
        walls: The same of wall time.
    """

    name: str
    run: Callable[[], object]
    tokens: int
    compiled: float | None = None
    rounds: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Spread:
    """A median with the least and the greatest of several values."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of some values."""
        return cls(float(np.median(values)), min(values), max(values))

    def __str__(self) -> str:
        return f"{figure(self.median)} [{figure(self.least)}-{figure(self.most)}]"


def figure(value: float) -> str:
    """A number with about three digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def interleave(peers: Sequence[Peer], rounds: int, least_seconds: float = LEAST_SECONDS) -> None:
    """Fill ``rounds`` of each peer: one measurement a round, the order turning with it."""
    repeats = [repeats_of(peer, least_seconds) for peer in peers]
    for turn in range(rounds):
        for place in range(len(peers)):
            at = (place + turn) % len(peers)
            seconds, wall = measured(peers[at], repeats[at])
            peers[at].rounds.append(seconds)
            peers[at].walls.append(wall)


def repeats_of(peer: Peer, least_seconds: float) -> int:
    """How often to run a peer for one measurement; its first call is not counted."""
    peer.run()
    seconds = measured(peer, 1)[0] * peer.tokens / 1e6
    return max(1, min(MOST_REPEATS, math.ceil(least_seconds / max(seconds, 1e-6))))


def measured(peer: Peer, repeats: int) -> tuple[float, float]:
    """Microseconds a token: CPU time of all threads of this process, and wall time."""
    wall, start = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        peer.run()
    spent = time.process_time() - start, time.perf_counter() - wall
    return spent[0] / repeats / peer.tokens * 1e6, spent[1] / repeats / peer.tokens * 1e6


def ratios(ours: Peer, theirs: Peer) -> Spread:
    """Our time over theirs, a ratio for each round."""
    pairs = zip(ours.rounds, theirs.rounds, strict=True)
    return Spread.of([mine / other for mine, other in pairs])


def verdict(found: Spread, bar: float) -> str:
    """What a ratio says of a bar that it must not exceed; a value inside the noise says so."""
    if found.most <= bar:
        return "met in every round"
    if found.least > bar:
        return "**not met**"
    if found.median <= bar:
        return "median met, inside the noise"
    return "**median not met**, inside the noise"

"""Speed of a domain's own parts: told, and never held against a bound."""

from __future__ import annotations

import time
from collections.abc import Callable

from seqgen.testing.domain_under_test import Subject

#: Each figure is taken over at least so long.
SECONDS = 0.1
#: Rows of the batch for which a guide's steps are counted.
ROWS = 32


def measure_speed(subject: Subject) -> dict[str, float]:
    """Items encoded and decoded a second, and guide steps a second (rows times steps, 32 rows).

    Wall-clock time of this process; on a busy machine the figures are low.
    """
    encoder, items = subject.encoder, list(subject.some)
    encoded = [encoder.encode(item) for item in items]
    spelled = [(each.tokens.tolist(), each.condition) for each in encoded]
    figures = {
        "items encoded a second": _rate(
            lambda: [encoder.encode(item) for item in items], len(items)
        ),
        "items decoded a second": _rate(
            lambda: [encoder.decode(*each) for each in spelled], len(items)
        ),
    }
    if subject.domain.guide is not None:
        steps = min(50, max(1, max(len(each.tokens) for each in encoded)))
        figures["guide steps a second"] = _rate(lambda: _guide_steps(subject, steps), ROWS * steps)
    return figures


def _rate(act: Callable[[], object], amount: int) -> float:
    act()  # caches and imports are not counted
    start, rounds = time.perf_counter(), 0
    while (spent := time.perf_counter() - start) < SECONDS:
        act()
        rounds += 1
    return rounds * amount / spent


def _guide_steps(subject: Subject, steps: int) -> None:
    """Mask, choose the first allowed token and advance; rows that may only end begin anew."""
    guide, end = subject.guided_defaults.guide, subject.encoder.vocabulary.end
    state = guide.start(ROWS)
    for _ in range(steps):
        tokens = guide.allowed(state).argmax(axis=1)
        guide.context(state)
        state = guide.start(ROWS) if (tokens == end).any() else guide.advance(state, tokens)

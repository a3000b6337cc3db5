"""Every logits processor with its slow reference, for the laws that all of them keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqgen.generation.logits_processor import LogitsProcessor, ProcessorChain
from seqgen.generation.repetition import ContinuousCache, NoRepeatNGram, RepetitionPenalty
from seqgen.generation.temperature import GroupTemperature, Temperature, TemperatureSchedule
from seqgen.generation.token_constraints import BannedTokens, FixedPositions
from seqgen.generation.truncation import MinP, TopK, TopP, Typical

from . import slow_references as slow

SIZE = 6
END = SIZE - 1
HEATS = [0.5, 2.0, 1.0, 0.25, 3.0, 1.0]
POINTS = [(1, 0.5), (3, 2.5), (4, 1.0)]
FORCED = {0: 2, 3: 4}
Slow = Callable[[slow.Row, Sequence[int]], slow.Row]


@dataclass(frozen=True)
class Subject:
    """A processor and its slow reference.

    Args:
        make: The processor.
        slow: Its reference: a row and what the row holds already to the row after.
        cut: The references just below and just above its bound, for which rounding decides.
        empties: Whether it may leave no token.
        exact: Whether the logits it keeps stay as they are, to the last bit.
    """

    make: Callable[[], LogitsProcessor[Any]]
    slow: Slow
    cut: tuple[Slow, ...] = ()
    empties: bool = False
    exact: bool = True


def cut(
    make: Callable[[float], LogitsProcessor[Any]], by: Callable[..., slow.Row], p: float
) -> Subject:
    """A cut-off at p."""
    references = [lambda row, _, q=q: by(row, q) for q in (p, p - 1e-4, p + 1e-4)]
    return Subject(lambda: make(p), references[0], tuple(references[1:]))


def no_repeat(n: int) -> Subject:
    """No n-gram twice."""
    return Subject(lambda: NoRepeatNGram(n), lambda r, h: slow.no_repeat(r, h, n), empties=True)


def recall(after: int, keys: Sequence[int]) -> Subject:
    """What came before comes again."""
    return Subject(
        lambda: ContinuousCache(0.4, after, keys),
        lambda row, history: slow.recall(row, history, 0.4, after, keys),
        exact=False,
    )


def together(row: slow.Row, history: Sequence[int]) -> slow.Row:
    """What the chain below does."""
    row = slow.penalise(slow.no_repeat(row, history, 2), history, 1.5)
    return slow.top_k([value / 0.5 for value in row], 3)


SUBJECTS = {
    "temperature": Subject(
        lambda: Temperature(0.3), lambda row, _: [v / 0.3 for v in row], exact=False
    ),
    "schedule": Subject(
        lambda: TemperatureSchedule(POINTS),
        lambda row, history: [v / slow.scheduled(POINTS, len(history)) for v in row],
        exact=False,
    ),
    "groups": Subject(
        lambda: GroupTemperature(np.array(HEATS)), lambda row, _: slow.heat(row, HEATS), exact=False
    ),
    "top_k": Subject(lambda: TopK(2), lambda row, _: slow.top_k(row, 2)),
    "top_p": cut(TopP, slow.top_p, 0.6123),
    "top_p high": cut(TopP, slow.top_p, 0.9877),
    "min_p": cut(MinP, slow.min_p, 0.2217),
    "typical": cut(Typical, slow.typical, 0.5631),
    "typical low": cut(Typical, slow.typical, 0.0531),
    "banned": Subject(lambda: BannedTokens([0, 3]), lambda r, _: slow.ban(r, [0, 3]), empties=True),
    "fixed": Subject(
        lambda: FixedPositions(FORCED, 2, END),
        lambda row, history: slow.fixed(row, history, FORCED, 2, END),
        empties=True,
    ),
    "penalty": Subject(
        lambda: RepetitionPenalty(1.7, SIZE), lambda r, h: slow.penalise(r, h, 1.7), exact=False
    ),
    **{f"no repeated {n}-gram": no_repeat(n) for n in (1, 2, 3)},
    **{f"recall after {n}": recall(n, range(SIZE)) for n in (1, 2)},
    "recall by keys": recall(2, (0, 1, -1, 0, 2, -1)),
    "chain": Subject(
        lambda: ProcessorChain(
            [NoRepeatNGram(2), RepetitionPenalty(1.5, SIZE), Temperature(0.5), TopK(3)]
        ),
        lambda row, history: together(row, history),
        empties=True,
        exact=False,
    ),
}

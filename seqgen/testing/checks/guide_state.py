"""Checks of a guide's states: passed in and out, never changed, and no row knows of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np

from seqgen.domains.guide import Guide
from seqgen.testing.check import CheckFailed, NotApplicable
from seqgen.testing.checks.guide import check_guide_form
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.random_walks import spelled, walks

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows that are walked side by side, and the most steps that they take.
ROWS, STEPS = 4, 40


@final
@dataclass(frozen=True, slots=True)
class Seen:
    """What a guide showed at one step: its mask and its context."""

    mask: NDArray[np.bool_]
    context: NDArray[np.int32] | None

    @classmethod
    def of(cls, guide: Guide[Any], state: Any) -> Seen:
        """What it shows of a state now, copied."""
        context = guide.context(state)
        return cls(guide.allowed(state).copy(), None if context is None else context.copy())

    def rows(self, rows: list[int]) -> Seen:
        """What it showed of some rows."""
        return Seen(self.mask[rows], None if self.context is None else self.context[rows])

    def same(self, other: Seen) -> bool:
        """Whether both show the same."""
        if not np.array_equal(self.mask, other.mask):
            return False
        if self.context is None or other.context is None:
            return self.context is other.context
        return np.array_equal(self.context, other.context)


def check_guide_states(subject: Subject) -> str:
    """A guide's state is never changed in place, and rows, calls and batches share none."""
    subject.check_guide()
    guide, vocabulary = subject.guided_defaults.guide, subject.encoder.vocabulary
    made = [each.tokens for each in walks(guide, vocabulary, 6 * ROWS, STEPS)]
    chosen = sorted(made, key=len)[-ROWS:]
    steps = len(chosen[0])
    if not steps:
        raise NotApplicable("the guide's items are too short to walk side by side")
    tokens = np.array([each[:steps] for each in chosen], np.int64)
    subject.unless_broken(lambda: check_guide_form(subject), "guide_form")
    alone = [_walked(guide, tokens[row : row + 1]) for row in range(ROWS)]
    together = _walked(guide, tokens)
    example = spelled(vocabulary, chosen[0][:steps])
    _hold_rows(together, alone, example)
    _hold_old_states(guide, tokens, together, example)
    _hold_interleaved(guide, tokens, alone, example)
    _hold_selected(guide, tokens, together, example)
    return f"{ROWS} rows of {steps} steps"


def _walked(guide: Guide[Any], tokens: NDArray[np.int64]) -> list[Seen]:
    """What is seen before each token of a batch of walks, ``(B, T)``, and after the last."""
    state = guide.start(len(tokens))
    seen = [Seen.of(guide, state)]
    for column in tokens.T:
        state = guide.advance(state, column.copy())
        seen.append(Seen.of(guide, state))
    return seen


def _hold_rows(together: list[Seen], alone: list[list[Seen]], example: str) -> None:
    for step, seen in enumerate(together):
        for row, own in enumerate(alone):
            _hold(
                seen.rows([row]).same(own[step]),
                f"at step {step} row {row} of {len(alone)} sees something else than it does alone",
                "compute each row's mask and context from that row's state only, and use the "
                "size of the batch for nothing",
                example,
            )


def _hold_old_states(
    guide: Guide[Any], tokens: NDArray[np.int64], together: list[Seen], example: str
) -> None:
    """Advance one state after the other, then look at the old ones again."""
    states = [guide.start(len(tokens))]
    for column in tokens.T:
        guide.advance(states[-1], column.copy())  # a step that is thrown away, as beams do
        states.append(guide.advance(states[-1], column.copy()))
    for step, state in enumerate(states):
        _hold(
            Seen.of(guide, state).same(together[step]),
            f"the state of step {step} was changed by a later step",
            "give a new state from advance(), and keep nothing of a walk on the guide itself",
            example,
        )


def _hold_interleaved(
    guide: Guide[Any], tokens: NDArray[np.int64], alone: list[list[Seen]], example: str
) -> None:
    """Two walks of one guide, a step of each in turn, and the same rows in another order."""
    states = [guide.start(1) for _ in tokens]
    for step in range(tokens.shape[1] + 1):
        for row in reversed(range(len(tokens))):
            _hold(
                Seen.of(guide, states[row]).same(alone[row][step]),
                f"at step {step} a walk sees another walk of the same guide",
                "keep all that a walk knows in its state, nothing on the guide itself",
                example,
            )
            if step < tokens.shape[1]:
                states[row] = guide.advance(states[row], tokens[row, step : step + 1].copy())


def _hold_selected(
    guide: Guide[Any], tokens: NDArray[np.int64], together: list[Seen], example: str
) -> None:
    """Rows taken out of a batch, in another order, one of them twice."""
    rows = [len(tokens) - 1, 0, 0]
    state = guide.start(len(tokens))
    for step in range(tokens.shape[1] + 1):
        selected = guide.select(state, np.array(rows))
        _hold(
            Seen.of(guide, selected).same(together[step].rows(rows)),
            f"at step {step} select(state, {rows}) gives other rows",
            "give the rows of the state in the order of the argument; one may stand twice",
            example,
        )
        _hold(
            Seen.of(guide, state).same(together[step]),
            f"select() at step {step} changed the state that it was given",
            "give a new state from select()",
            example,
        )
        if step < tokens.shape[1]:
            state = guide.advance(state, tokens[:, step].copy())


def _hold(true: bool, what: str, change: str, example: str) -> None:
    if not true:
        raise CheckFailed(what, change=change, example=example)

"""AutomatonGuide: a finite automaton over tokens with length limits and exact look-ahead."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.guide import Guide
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SettingError
from seqgen.guides.automaton import Automaton
from seqgen.guides.lookahead import Lookahead

#: The automaton's state and the number of tokens of each row, two arrays ``(B,)``.
AutomatonState = tuple[Any, Any]


@final
class AutomatonGuide(Guide[AutomatonState]):
    """Allows exactly the sequences within length limits that the automaton accepts.

    A token is allowed only if an accepting state is reachable within the remaining length, so a
    row never reaches a dead end, and every item ends by ``max_tokens``. Without a maximum a token
    is allowed only if an accepting state is reachable at all. A row that takes a token it is not
    allowed, or the end token, is allowed nothing after it.

    Memory: the table, at most states times lengths bytes for the look-ahead, and up to 16 MiB of
    precomputed masks.

    Args:
        table: The next state for each state and symbol, shape ``(S, V - 1)`` integers, -1 for a
            symbol that is not allowed. State 0 is the start.
        accepting: The states in which an item may end, shape ``(S,)`` bool.
        min_tokens: The minimum length in tokens, end token excluded, at least 0.
        max_tokens: The maximum length; None for the longest item that the automaton accepts.

    Raises:
        SettingError: The table is invalid (see ``Automaton``), ``min_tokens`` is negative, or no
            sequence satisfies the automaton and the limits.
    """

    def __init__(
        self,
        table: NDArray[np.integer[Any]],
        accepting: NDArray[np.bool_],
        min_tokens: int = 0,
        max_tokens: int | None = None,
    ) -> None:
        if min_tokens < 0:
            raise SettingError(f"min_tokens must be >= 0, was {min_tokens}")
        self.automaton = Automaton(table, accepting)
        self.min_tokens = min_tokens
        self.max_tokens = self.automaton.longest() if max_tokens is None else max_tokens
        self._ahead = Lookahead(self.automaton, min_tokens, self.max_tokens)
        self._next = self._ahead.table.ravel()
        if not self._ahead.possible:
            window = (
                f"at least {min_tokens}" if max_tokens is None else f"{min_tokens} to {max_tokens}"
            )
            raise SettingError(f"no item of {window} tokens satisfies all constraints")

    @classmethod
    def of(
        cls, automaton: Automaton, min_tokens: int = 0, max_tokens: int | None = None
    ) -> AutomatonGuide:
        """The guide of an automaton; arguments and errors as for the class."""
        return cls(automaton.table, automaton.accepting, min_tokens, max_tokens)

    def start(self, batch: int) -> AutomatonState:
        return np.zeros(batch, np.intp), np.zeros(batch, np.intp)

    def allowed(self, state: AutomatonState) -> NDArray[np.bool_]:
        return self._ahead.allowed(*state)

    def advance(self, state: AutomatonState, tokens: NDArray[np.int64]) -> AutomatonState:
        states, lengths = state
        places = states * self._ahead.table.shape[1] + tokens
        return self._next.take(places), np.minimum(lengths + 1, self._ahead.last)

    def select(self, state: AutomatonState, rows: NDArray[np.int64]) -> AutomatonState:
        return state[0][rows], state[1][rows]


def length_guide(
    vocabulary: Vocabulary, min_tokens: int = 0, max_tokens: int | None = None
) -> AutomatonGuide:
    """Allows every item of ``min_tokens`` to ``max_tokens`` tokens (None: no maximum).

    Raises:
        SettingError: ``min_tokens`` is negative or above ``max_tokens``.
    """
    return AutomatonGuide.of(Automaton.anything(vocabulary.end), min_tokens, max_tokens)

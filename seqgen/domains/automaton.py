"""AutomatonGuide: a finite automaton over tokens with a length window, looked ahead exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from seqgen.domains.guide import Guide
from seqgen.errors import SettingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Of each row the automaton's state and the number of tokens taken, two arrays ``(B,)``.
AutomatonState = tuple[Any, Any]


@final
class AutomatonGuide(Guide[AutomatonState]):
    """Allows exactly the strings that the automaton accepts within a window of lengths.

    A token is allowed only if an accepting state can still be reached within the length that
    is left after it, so a row never meets a dead end, and every item ends by ``max_tokens``.

    Args:
        table: The next state for each state and symbol, shape ``(S, V - 1)`` integers, -1
            where the symbol is not allowed. State 0 is the start.
        accepting: The states in which an item may end, shape ``(S,)`` bool.
        min_tokens: Shortest item, at least 0.
        max_tokens: Longest item, at least ``min_tokens``.

    Raises:
        SettingError: No string at all satisfies the automaton and the window.
    """

    def __init__(
        self,
        table: NDArray[np.int64],
        accepting: NDArray[np.bool_],
        min_tokens: int,
        max_tokens: int,
    ) -> None:
        import numpy as np

        self.max_tokens = max_tokens
        self._table = table
        states = len(table)
        # reach[n, s]: from state s after n tokens, some accepted item is still possible.
        # One row more than the lengths and one state more (-1, the refusing one) stay False.
        reach = np.zeros((max_tokens + 2, states + 1), dtype=bool)
        ends = np.zeros_like(reach)
        ends[min_tokens : max_tokens + 1, :states] = accepting
        for length in range(max_tokens, -1, -1):
            reach[length, :states] = ends[length, :states] | reach[length + 1][table].any(axis=1)
        if not reach[0, 0]:
            raise SettingError(
                f"nothing of {min_tokens} to {max_tokens} tokens satisfies all that is asked for"
            )
        self._reach, self._ends = reach, ends

    def start(self, batch: int) -> AutomatonState:
        import numpy as np

        return np.zeros(batch, np.int64), np.zeros(batch, np.int64)

    def allowed(self, state: AutomatonState) -> NDArray[np.bool_]:
        import numpy as np

        states, lengths = state
        symbols = self._reach[lengths[:, None] + 1, self._table[states]]  # (B, V - 1)
        return np.concatenate([symbols, self._ends[lengths, states][:, None]], axis=1)

    def advance(self, state: AutomatonState, tokens: NDArray[np.int64]) -> AutomatonState:
        states, lengths = state
        return self._table[states, tokens], lengths + 1

    def select(self, state: AutomatonState, rows: NDArray[np.int64]) -> AutomatonState:
        return state[0][rows], state[1][rows]

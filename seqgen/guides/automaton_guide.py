"""AutomatonGuide: a finite automaton over tokens with length limits and exact look-ahead."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Vocabulary
from seqgen.domains.guide import Guide
from seqgen.errors import SettingError
from seqgen.guides.automaton import Automaton, distinct_columns, useful

Bools = NDArray[np.bool_]
Numbers = NDArray[np.intp]

#: Masks are precomputed for all states and lengths if they take at most this many bytes.
READY_BYTES = 2**24


@final
class Lookahead:
    """The allowed tokens of an automaton with length limits, exactly.

    A *level* is the set of states from which an accepted item is still possible; each length has
    one. Lengths share equal levels, so ``levels`` rarely has more than a few rows, and never more
    than lengths: at most states times lengths bytes.

    Args:
        automaton: ``S`` states over ``V - 1`` symbols.
        least: The minimum number of tokens of an item, at least 0.
        most: The maximum number of tokens; None for no maximum.
    """

    def __init__(self, automaton: Automaton, least: int, most: int | None) -> None:
        levels, by_length = _levels(automaton, least, most)
        #: Whether any item satisfies the automaton and the limits.
        self.possible = bool(levels[by_length[0], 0])
        #: Lengths from this one on are equivalent: everything may follow, or nothing if bounded.
        self.last = len(by_length) - 1
        lengths = np.arange(self.last + 1)
        may_end = lengths >= least
        if most is not None:
            may_end &= lengths <= most
        # The kind of a length: the level after one more token, and whether the item may end.
        codes = by_length[np.minimum(lengths + 1, self.last)] * 2 + may_end
        kinds, self._kinds = np.unique(codes, return_inverse=True)
        self._levels, self._may_end = levels[kinds // 2], kinds % 2 == 1
        states, self._size = automaton.states + 1, automaton.symbols + 1
        # The last state refuses everything; the end token leads there.
        self.table = np.full((states, self._size), states - 1, dtype=np.intp)
        self.table[:-1, :-1] = np.where(automaton.table < 0, states - 1, automaton.table)
        self._accepting = np.append(automaton.accepting, False)
        self._ready: Bools | None = None
        if len(kinds) * self.table.size <= READY_BYTES:
            every = np.arange(states)
            masks = [self._gather(every, np.full(states, kind)) for kind in range(len(kinds))]
            self._ready = np.concatenate(masks)

    def allowed(self, states: Numbers, lengths: Numbers) -> Bools:
        """The masks ``(B, V)`` of rows in these states with these numbers of tokens."""
        kinds = self._kinds.take(lengths)
        if self._ready is None:
            return self._gather(states, kinds)
        return self._ready.take(kinds * len(self.table) + states, axis=0)

    def _gather(self, states: Numbers, kinds: Numbers) -> Bools:
        places = self.table.take(states, axis=0)
        places += (kinds * len(self.table))[:, None]
        masks: Bools = self._levels.take(places)
        masks[:, -1] = self._may_end[kinds] & self._accepting[states]
        return masks


def _levels(automaton: Automaton, least: int, most: int | None) -> tuple[Bools, Numbers]:
    """The distinct levels, shape ``(D, S + 1)``, and the level of each length.

    They are computed backwards from the last length. Two equal consecutive levels stay equal,
    within the limits and before them, so the loop usually ends after a few lengths.
    """
    columns, _ = distinct_columns(automaton.table)
    level = np.zeros(automaton.states + 1, dtype=bool)
    if most is None:
        level[:-1] = useful(automaton.table, automaton.accepting)
    by_length = np.zeros((least if most is None else most + 1) + 1, dtype=np.intp)
    numbers = {level.tobytes(): 0}
    length = len(by_length) - 2
    while length >= 0:
        before = np.append(level[columns].any(axis=1), False)
        if length >= least:
            before[:-1] |= automaton.accepting
        by_length[length] = numbers.setdefault(before.tobytes(), len(numbers))
        if (before == level).all():
            stop = least if length >= least else 0
            by_length[stop:length] = by_length[length]
            length = stop
        level = before
        length -= 1
    rows = np.frombuffer(b"".join(numbers), dtype=bool)
    return rows.reshape(len(numbers), -1), by_length


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

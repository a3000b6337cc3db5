"""Regular expressions over symbols, compiled to automata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Vocabulary
from seqgen.errors import SettingError, UnknownSymbol
from seqgen.guides.automaton import MAX_STATES, Automaton, explore
from seqgen.guides.automaton_guide import AutomatonGuide
from seqgen.guides.regex_parser import Choice, Node, PatternReader, Repeat, Symbols

#: Maximum number of symbol positions of a pattern after its repetitions are expanded.
MAX_POSITIONS = 5_000


class _Part(NamedTuple):
    """A part of a pattern: whether it can be empty, and its first and last positions."""

    empty: bool
    first: int
    last: int


_NOTHING = _Part(True, 0, 0)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@final
class Positions:
    """Glushkov's automaton: one state for each position of a symbol in the pattern.

    Sets of positions are masks with bit ``i + 1`` for position ``i``; bit 0 means that the pattern
    may end.

    Args:
        tree: The parsed pattern.
        pattern: The text of the pattern, for errors.

    Raises:
        SettingError: More than ``MAX_POSITIONS`` positions.
    """

    def __init__(self, tree: Node, pattern: str) -> None:
        self._pattern = pattern
        self._symbols: list[int] = []
        self._follow: list[int] = []
        whole = self._build(tree)
        self._join(whole.last, 1)
        self._start = whole.first | whole.empty

    def subsets(
        self, symbols: int, max_states: int
    ) -> tuple[NDArray[np.integer[Any]], NDArray[np.bool_]]:
        """The subset construction: the table ``(S, symbols)`` and its accepting states.

        Raises:
            SettingError: More than ``max_states`` states.
        """
        # Symbols of the same sets are equivalent and are followed together.
        sets = list(dict.fromkeys(self._symbols))
        kinds: dict[tuple[int, ...], int] = {}
        columns = [
            kinds.setdefault(tuple(one >> symbol & 1 for one in sets), len(kinds))
            for symbol in range(symbols)
        ]
        places = dict.fromkeys(sets, 0)
        for position, one in enumerate(self._symbols):
            places[one] |= 2 << position
        readers = [
            sum(places[one] for one, has in zip(sets, kind, strict=True) if has) for kind in kinds
        ]

        def successors(state: int) -> Iterator[int | None]:
            for reader in readers:
                after = 0
                for bit in _bits(state & reader):
                    after |= self._follow[bit - 1]
                yield after or None

        table, states = explore(self._start, successors, max_states)
        return table[:, columns], np.array([state & 1 for state in states], dtype=bool)

    def _build(self, node: Node) -> _Part:
        if isinstance(node, Symbols):
            return self._add_position(node.mask)
        if isinstance(node, Repeat):
            return self._repeat(node)
        if isinstance(node, Choice):
            parts = [self._build(part) for part in node.parts]
            empty, first, last = parts[0]
            for part in parts[1:]:
                empty, first, last = empty or part.empty, first | part.first, last | part.last
            return _Part(empty, first, last)
        whole = _NOTHING
        for one in node.parts:
            whole = self._then(whole, self._build(one))
        return whole

    def _add_position(self, symbols: int) -> _Part:
        if len(self._symbols) == MAX_POSITIONS:
            raise SettingError(
                f"pattern {self._pattern!r} needs more than {MAX_POSITIONS} symbol positions; "
                "limit lengths with min_tokens and max_tokens, and use Automaton.from_words for "
                "many words"
            )
        self._symbols.append(symbols)
        self._follow.append(0)
        bit = 1 << len(self._symbols)
        return _Part(False, bit, bit)

    def _repeat(self, node: Repeat) -> _Part:
        """``x{2,4}`` as ``xx(x(x)?)?``: nested, so that each part has at most two successors."""
        whole, copies = _NOTHING, node.most
        if copies is None:
            loop = self._build(node.part)
            self._join(loop.last, loop.first)
            whole = loop._replace(empty=loop.empty or node.least == 0)
            copies = max(node.least - 1, 0)
        for number in range(copies - 1, -1, -1):
            part = self._build(node.part)
            if not part.first:
                return part  # only the empty item, for any number of repetitions
            whole = self._then(part, whole)
            if node.most is not None and number >= node.least:
                whole = whole._replace(empty=True)
        return whole

    def _then(self, left: _Part, right: _Part) -> _Part:
        self._join(left.last, right.first)
        first = left.first | right.first if left.empty else left.first
        last = left.last | right.last if right.empty else right.last
        return _Part(left.empty and right.empty, first, last)

    def _join(self, before: int, after: int) -> None:
        for bit in _bits(before):
            self._follow[bit - 1] |= after


def regex_automaton(
    pattern: str, vocabulary: Vocabulary, max_states: int = MAX_STATES
) -> Automaton:
    """The minimal automaton of all items that match a pattern completely.

    For symbols of one character it accepts exactly what ``re.fullmatch`` does with ``re.DOTALL``.
    A pattern consists of

    - a character, which is the symbol of that name, and ``<C:+2>``, the symbol of a longer name
      (inside, ``\\>`` and ``\\\\`` are literal; outside, ``\\<``);
    - ``.``, any symbol; ``[a-z<C:+2>]`` and ``[^aeiou]``, sets of them;
    - ``\\d \\w \\s`` and their complements ``\\D \\W \\S``, as in ``re`` (a symbol of several
      characters is none of the first three); ``\\n \\r \\t \\f \\v``; ``\\`` before any other
      punctuation, which makes it literal;
    - ``(...)`` and ``(?:...)``, ``|``, ``*``, ``+``, ``?``, ``{m}``, ``{m,}``, ``{,n}``, ``{m,n}``.

    A symbol that is not in the vocabulary makes its branch impossible.

    Sources: Glushkov, "The abstract theory of automata", 1961 (the position automaton, without
    epsilon transitions); Rabin and Scott 1959 (subset construction); Moore 1956 (minimization).

    Raises:
        SettingError: The pattern is invalid (names the column), needs more than 5,000 positions or
            ``max_states`` states, or nothing can match it (names the unknown symbols and the
            nearest known ones).
    """
    reader = PatternReader(pattern, vocabulary)
    positions = Positions(reader.read(), pattern)
    automaton = Automaton(*positions.subsets(vocabulary.end, max_states)).minimal()
    if automaton.is_empty:
        unknown = [
            f"column {column}: {_unknown(one, vocabulary)}" for one, column in reader.unknown
        ]
        why = "; ".join(unknown[:3]) or "a part of it excludes every symbol"
        raise SettingError(f"pattern {pattern!r}: nothing can match it ({why})")
    return automaton


def regex_guide(
    pattern: str, vocabulary: Vocabulary, min_tokens: int = 0, max_tokens: int | None = None
) -> AutomatonGuide:
    """Allows exactly the items that match a pattern, of ``min_tokens`` to ``max_tokens`` tokens.

    Raises:
        SettingError: As ``regex_automaton``; or no item of these lengths matches.
    """
    return AutomatonGuide.of(regex_automaton(pattern, vocabulary), min_tokens, max_tokens)


def regex_literal(symbols: Iterable[str]) -> str:
    """The pattern that matches exactly these symbols in this order; a text is its characters."""
    escaped = (symbol.replace("\\", "\\\\").replace(">", "\\>") for symbol in symbols)
    return "".join(f"<{symbol}>" for symbol in escaped)


def _unknown(symbol: str, vocabulary: Vocabulary) -> str:
    try:
        vocabulary.id(symbol)
    except UnknownSymbol as error:
        return str(error)
    return repr(symbol)

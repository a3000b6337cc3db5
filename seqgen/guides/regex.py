"""Regular expressions over the symbols of a vocabulary, as automata and guides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seqgen.errors import SettingError, UnknownSymbol
from seqgen.guides.automaton import MAX_STATES, Automaton
from seqgen.guides.automaton_guide import AutomatonGuide

if TYPE_CHECKING:
    from seqgen.domains.vocabulary import Vocabulary


def regex_automaton(
    pattern: str, vocabulary: Vocabulary, max_states: int = MAX_STATES
) -> Automaton:
    """The minimal automaton of all items that match a pattern from beginning to end.

    Over symbols of one character it accepts exactly what ``re.fullmatch`` does with
    ``re.DOTALL``. A pattern is made of

    - a character, which is the symbol of that name, and ``<C:+2>``, the symbol of a longer
      name (inside, ``\\>`` and ``\\\\`` are the signs themselves; ``\\<`` outside);
    - ``.``, any symbol; ``[a-z<C:+2>]`` and ``[^aeiou]``, sets of them;
    - ``\\d \\w \\s`` and their opposites ``\\D \\W \\S``, as ``re`` knows them (a symbol of
      several characters is none of the first three); ``\\n \\r \\t \\f \\v``; ``\\`` before any
      other sign, for the sign itself;
    - ``(...)`` and ``(?:...)``, ``|``, ``*``, ``+``, ``?``, ``{m}``, ``{m,}``, ``{,n}``, ``{m,n}``.

    A symbol that the vocabulary lacks makes its branch impossible.

    Sources: Glushkov, "The abstract theory of automata", 1961 (the automaton of positions,
    which needs no empty steps); Rabin and Scott 1959 (subsets); Moore 1956 (minimal form).

    Raises:
        SettingError: The pattern is not understood (names the column), needs more than 5,000
            places or ``max_states`` states, or nothing at all can match (names the symbols
            that the vocabulary lacks and the nearest known).
    """
    from seqgen.guides.regex_compiler import Positions
    from seqgen.guides.regex_parser import PatternReader

    reader = PatternReader(pattern, vocabulary)
    positions = Positions(reader.read(), pattern)
    automaton = Automaton(*positions.subsets(vocabulary.end, max_states)).minimal()
    if automaton.is_empty:
        unknown = [
            f"column {column}: {_lacking(one, vocabulary)}" for one, column in reader.unknown
        ]
        why = "; ".join(unknown[:3]) or "some part of it excludes every symbol"
        raise SettingError(f"pattern {pattern!r}: nothing can match it ({why})")
    return automaton


def regex_guide(
    pattern: str, vocabulary: Vocabulary, min_tokens: int = 0, max_tokens: int | None = None
) -> AutomatonGuide:
    """Allows exactly the items that match a pattern, of ``min_tokens`` to ``max_tokens`` tokens.

    Raises:
        SettingError: As ``regex_automaton``; or nothing of these lengths matches.
    """
    return AutomatonGuide.of(regex_automaton(pattern, vocabulary), min_tokens, max_tokens)


def regex_literal(symbols: Iterable[str]) -> str:
    """The pattern that matches exactly these symbols in this order; text gives its characters."""
    escaped = (symbol.replace("\\", "\\\\").replace(">", "\\>") for symbol in symbols)
    return "".join(f"<{symbol}>" for symbol in escaped)


def _lacking(symbol: str, vocabulary: Vocabulary) -> str:
    try:
        vocabulary.id(symbol)
    except UnknownSymbol as error:
        return str(error)
    return repr(symbol)

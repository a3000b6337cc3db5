"""Regular expressions over the symbols of a vocabulary, as automata and guides."""

from __future__ import annotations

from collections.abc import Iterable

from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SettingError, UnknownSymbol
from seqgen.guides.automaton import MAX_STATES, Automaton
from seqgen.guides.automaton_guide import AutomatonGuide
from seqgen.guides.regex_compiler import Positions
from seqgen.guides.regex_parser import PatternReader


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

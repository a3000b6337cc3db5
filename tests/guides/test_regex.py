"""Regular expressions over symbols: exactly what Python's own accept, and clear errors."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqgen import SettingError, Vocabulary, regex_automaton, regex_guide, regex_literal

#: Signs that mean something somewhere, and some that mean nothing.
SIGNS = "aBé1٣_ \n-]^.(<>\\{"


def _escaped(sign: str) -> str:
    return sign if sign.isalnum() or sign in "_ \n>é" else f"\\{sign}"


def _sets() -> st.SearchStrategy[str]:
    one = st.sampled_from(SIGNS).map(_escaped)
    ends = st.tuples(st.sampled_from("aB1"), st.sampled_from("aBé٣"))
    span = ends.map(lambda two: "-".join(sorted(two)))
    kind = st.sampled_from([r"\d", r"\w", r"\s", r"\D", r"\W", r"\S"])
    inside = st.lists(st.one_of(one, span, kind), min_size=1, max_size=3).map("".join)
    first = st.sampled_from(["", "]", "-", "^", "^]", "^-"])
    return st.tuples(first, inside, st.sampled_from(["", "-"])).map(lambda t: f"[{''.join(t)}]")


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.sampled_from(["({})", "(?:{})"])
    counts = st.tuples(st.integers(0, 2), st.integers(0, 2)).map(
        lambda two: f"{{{two[0]},{sum(two)}}}"
    )
    often = st.one_of(st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{,2}", "{0}"]), counts)
    repeated = st.tuples(group, inner, often).map(lambda t: t[0].format(t[1]) + t[2])
    row = st.lists(inner, max_size=3).map("".join)
    choice = st.lists(inner, min_size=2, max_size=3).map(lambda p: f"({'|'.join(p)})")
    return st.one_of(repeated, row, choice)


def patterns() -> st.SearchStrategy[str]:
    leaf = st.one_of(st.sampled_from(SIGNS).map(_escaped), st.just("."), _sets())
    return st.recursive(leaf, _larger, max_leaves=6)


ALPHABETS = st.lists(st.sampled_from(SIGNS), min_size=3, max_size=3, unique=True)


@given(patterns(), ALPHABETS)
@example("a|", ["a", "B", "1"])
@example("(?:a*)*", ["a", "B", "1"])
@example("((a|B)*1){2,}", ["a", "B", "1"])
@example("(?:){3}a", ["a", "B", "1"])
@example("(){2,}|a{0}", ["a", "B", "1"])
@example("[1-a]*", ["a", "B", "1"])
@example("[a-]B", ["a", "B", "-"])
@example("(.B?)+[^a]", ["a", "B", "\n"])
def test_accepts_exactly_what_fullmatch_does(pattern: str, alphabet: list[str]) -> None:
    words = ["".join(w) for n in range(5) for w in product(alphabet, repeat=n)]
    wanted = {word for word in words if re.fullmatch(pattern, word, re.DOTALL)}
    try:
        automaton = regex_automaton(pattern, Vocabulary(tuple(alphabet)))
    except SettingError as error:
        assert "nothing can match it" in str(error)
        assert wanted == set()
        return
    assert {w for w in words if automaton.accepts(map(alphabet.index, w))} == wanted


@pytest.mark.parametrize("kind", [r"\d", r"\w", r"\s", r"\D", r"\W", r"\S"])
def test_kinds_of_characters_are_those_of_python(kind: str) -> None:
    signs = tuple(map(chr, range(0x3100)))
    guide = regex_guide(kind, Vocabulary(signs))
    wanted = [re.fullmatch(kind, sign) is not None for sign in signs]
    assert guide.allowed(guide.start(1))[0].tolist() == [*wanted, False]


LONG = Vocabulary(("C:+2", "D", "ab", "b", "<", ">", "\\"))


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        ("<C:+2>D*", [["C:+2"], ["C:+2", "D", "D"]], [["D"], []]),
        ("<ab>|<D>", [["ab"], ["D"]], [["b"], ["ab", "D"]]),
        ("..", [["C:+2", "ab"]], [["ab"]]),
        ("[<C:+2>a-c]", [["C:+2"], ["b"]], [["ab"], ["D"]]),
        ("[^<C:+2>b]", [["ab"], ["D"], ["<"]], [["C:+2"], ["b"]]),
        (r"\W", [["ab"], ["<"]], [["b"], ["D"]]),
        (r"\w", [["b"], ["D"]], [["ab"], ["<"]]),
        (r"\<>\\", [["<", ">", "\\"]], [["<", ">"]]),
        (r"<<><\>><\\>", [["<", ">", "\\"]], [["<"]]),
        ("ab|b", [["b"]], [["ab"], ["ab", "b"]]),
    ],
)
def test_symbols_of_several_characters(
    pattern: str, accepted: list[list[str]], refused: list[list[str]]
) -> None:
    automaton = regex_automaton(pattern, LONG)
    assert all(automaton.accepts(map(LONG.id, word)) for word in accepted)
    assert not any(automaton.accepts(map(LONG.id, word)) for word in refused)


@given(st.lists(st.sampled_from(LONG.symbols), max_size=5))
def test_a_literal_matches_only_itself(word: list[str]) -> None:
    automaton = regex_automaton(regex_literal(word), LONG)
    assert automaton.accepts(map(LONG.id, word))
    assert automaton.states == len(word) + 1
    assert automaton.longest() == len(word) and automaton.accepting.sum() == 1


@pytest.mark.parametrize(
    ("pattern", "column", "problem"),
    [
        ("a(b", 2, "this ( is never closed"),
        ("ab)", 3, "this ) closes nothing"),
        ("a[bc", 2, "this [ is never closed"),
        ("[]", 1, "this [ is never closed"),
        ("a<bc", 2, "this < is never closed"),
        ("*a", 1, "* has nothing to repeat"),
        ("a|+", 3, "+ has nothing to repeat"),
        ("a**", 3, "a repetition cannot be repeated"),
        ("a+?", 3, "a repetition cannot be repeated"),
        ("ab{3,2}", 3, "the minimum of a repetition, 3, exceeds its maximum, 2"),
        ("a{x}", 2, "a repetition is {m}"),
        ("a{,}", 2, "a repetition is {m}"),
        ("^a", 1, "a pattern always matches the complete item"),
        ("a$", 2, "a pattern always matches the complete item"),
        (r"a\b", 2, r"\b is unknown"),
        (r"a\1", 2, r"\1 is unknown"),
        ("a\\", 2, "\\ is unknown"),
        ("(?P<x>a)", 2, "only ?: is supported after ("),
        ("[b-a]", 2, "the range b-a goes backwards"),
        (r"[a-\d]", 2, "a range needs one character on each side"),
        ("(" * 101 + ")" * 101, 101, "brackets are nested more than 100 deep"),
    ],
)
def test_errors_name_the_column(pattern: str, column: int, problem: str) -> None:
    with pytest.raises(SettingError) as caught:
        regex_automaton(pattern, Vocabulary(("a", "b", "c")))
    assert f"column {column}: {problem}" in str(caught.value)


def test_an_unknown_symbol_excludes_its_branch() -> None:
    letters = Vocabulary(("a", "b"))
    guide = regex_guide("a(z|b)", letters)
    after = guide.advance(guide.start(1), np.array([0]))
    assert guide.allowed(after).tolist() == [[False, True, False]]
    with pytest.raises(SettingError) as caught:
        regex_guide("a(z|<C:+2>)", letters)
    assert "column 3: unknown symbol 'z'; nearest known: 'b', 'a'" in str(caught.value)
    assert "column 5: unknown symbol 'C:+2'" in str(caught.value)
    with pytest.raises(SettingError, match="excludes every symbol"):
        regex_guide("a[^ab]", letters)


def test_the_bounds_of_size_are_named() -> None:
    letters = Vocabulary(("a", "b"))
    with pytest.raises(SettingError, match="more than 5000 symbol positions"):
        regex_automaton("(a{1000}){1000000}", letters)
    with pytest.raises(SettingError, match="at least 101 states, more than the 100 allowed"):
        regex_automaton("[ab]*a[ab]{20}", letters, max_states=100)
    assert regex_automaton("(?:){900000000}a", letters).states == 2
    assert regex_automaton("(a)" * 150, letters).longest() == 150, "only nested brackets count"


@pytest.mark.parametrize("pattern", ["a{2,3}", "(a|b){,4}", "b(ab)?"])
def test_finite_patterns_need_no_maximum(pattern: str) -> None:
    most = {"a{2,3}": 3, "(a|b){,4}": 4, "b(ab)?": 3}[pattern]
    assert regex_guide(pattern, Vocabulary(("a", "b"))).max_tokens == most
    assert regex_guide(f"{pattern}a*", Vocabulary(("a", "b"))).max_tokens is None
    assert regex_guide(pattern, Vocabulary(("a", "b")), 1, 9).max_tokens == 9

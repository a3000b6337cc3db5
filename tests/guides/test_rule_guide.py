"""RuleGuide: exactly what its rule lets end, guesses and all, without dead ends."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import ClassVar, final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Guide, RuleGuide, SeqgenError, Vocabulary, accepts, regex_guide

LETTERS = Vocabulary(("a", "b", "c"))


@final
class Filled(RuleGuide[tuple[int, str]]):
    """Bars of seven ticks: a is three, b two, and c closes a full bar; one or two bars.

    The rule never looks ahead, so it alone would let "a a" come, which nothing can fill.
    """

    def first(self) -> tuple[int, str]:
        return 0, ""

    def after(self, place: tuple[int, str], symbol: str) -> Iterator[tuple[int, str]]:
        filled, bars = place
        if symbol == "c":
            if filled == 7 and len(bars) < 2:
                yield 0, f"{bars}|"
        elif filled + {"a": 3, "b": 2}[symbol] <= 7:
            yield filled + {"a": 3, "b": 2}[symbol], bars

    def may_end(self, place: tuple[int, str]) -> bool:
        return place[0] == 0 and place[1] != ""


@final
class Guessed(RuleGuide[int]):
    """The third symbol from the end is an a: the rule guesses which one that is."""

    def first(self) -> int:
        return 0

    def after(self, place: int, symbol: str) -> Iterator[int]:
        if place == 0:
            yield 0
            if symbol == "a":
                yield 1
        elif place < 3:
            yield place + 1

    def may_end(self, place: int) -> bool:
        return place == 3


@final
class Alike(RuleGuide[int]):
    """Two or three symbols; all are of one kind."""

    asked: ClassVar[list[str]] = []

    def first(self) -> int:
        return 0

    def kind(self, symbol: str) -> str:
        return "any"

    def after(self, place: int, symbol: str) -> Iterator[int]:
        self.asked.append(symbol)
        if place < 3:
            yield place + 1

    def may_end(self, place: int) -> bool:
        return place >= 2


@final
class Nested(RuleGuide[int]):
    """Brackets "a" and "b" as deep as one likes, "c" anywhere; it needs no look-ahead."""

    looks_ahead: ClassVar[bool] = False

    def first(self) -> int:
        return 0

    def homeward(self, place: int) -> tuple[str, ...]:
        return ("b",) if place != 5 else ()

    def after(self, place: int, symbol: str) -> Iterator[int]:
        depth = place + {"a": 1, "b": -1, "c": 0}[symbol]
        if depth >= 0:
            yield depth

    def may_end(self, place: int) -> bool:
        return place == 0


@final
class Endless(RuleGuide[int]):
    """Never ends."""

    furthest: ClassVar[int] = 50

    def first(self) -> int:
        return 0

    def after(self, place: int, symbol: str) -> Iterator[int]:
        yield place + 1

    def may_end(self, place: int) -> bool:
        return False


def allowed_words(guide: Guide[frozenset[int]], longest: int) -> set[tuple[int, ...]]:
    """Every item of at most ``longest`` tokens that the masks allow, token by token."""
    words, waiting = set(), [((), guide.start(1))]
    while waiting:
        word, state = waiting.pop()
        mask = guide.allowed(state)[0]
        assert mask.any(), f"a dead end after {word}"
        if mask[LETTERS.end]:
            words.add(word)
        for token in np.flatnonzero(mask[:-1]).tolist() if len(word) < longest else ():
            waiting.append(((*word, token), guide.advance(state, np.array([token]))))
    return words


def test_allows_exactly_the_items_of_the_rule() -> None:
    bars = [bar for n in range(2, 4) for bar in product((0, 1), repeat=n)]
    full = [(*bar, 2) for bar in bars if sum(3 - token for token in bar) == 7]
    assert len(full) == 3
    both = {(*one, *other) for one in full for other in full}
    assert allowed_words(Filled(LETTERS), 8) == {*full, *both}


def test_nondeterministic_rules_follow_every_place() -> None:
    words = {w for n in range(3, 6) for w in product(range(3), repeat=n) if w[-3] == 0}
    assert allowed_words(Guessed(LETTERS), 5) == words


@given(st.lists(st.integers(0, 2), max_size=8))
def test_accepts_agrees_with_the_masks(tokens: list[int]) -> None:
    for guide in (Filled(LETTERS), Guessed(LETTERS), Alike(LETTERS)):
        by_masks = Guide.accepts(guide, tokens, LETTERS.end)
        assert accepts(guide, tokens, LETTERS.end) == by_masks
    regex = regex_guide(".*a..", LETTERS)
    assert accepts(Guessed(LETTERS), tokens, LETTERS.end) == accepts(regex, tokens, LETTERS.end)


def test_the_rule_is_called_with_one_symbol_of_each_kind() -> None:
    guide = Alike(LETTERS)
    Alike.asked.clear()
    assert guide.allowed(guide.start(1)).tolist() == [[True, True, True, False]]
    assert set(Alike.asked) == {"a"}


def test_the_rule_is_called_once_for_each_place_and_kind() -> None:
    guide, asked = Alike(LETTERS), []
    Alike.asked.clear()
    for _ in range(2):
        allowed_words(guide, 3)
        asked.append(len(Alike.asked))
    assert asked == [4, 4]  # the places 0, 1, 2 and 3, once each


def test_nothing_is_allowed_after_a_refused_token_or_the_end() -> None:
    guide = Filled(LETTERS)
    for token in (2, LETTERS.end):
        assert not guide.allowed(guide.advance(guide.start(2), np.array([0, token])))[1].any()


def test_a_rule_without_an_end_is_an_error() -> None:
    guide = Endless(LETTERS)
    with pytest.raises(SeqgenError, match="Endless: no end was found within 50 places after 1"):
        guide.allowed(guide.start(1))


def test_masks_do_not_depend_on_the_size_of_the_caches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seqgen.guides.rule_guide.PLACE_BYTES", 2)
    monkeypatch.setattr("seqgen.guides.rule_guide.MASK_BYTES", 2)
    assert allowed_words(Filled(LETTERS), 8) and allowed_words(Guessed(LETTERS), 4)


def test_home_after_leads_to_the_end() -> None:
    guide = Nested(LETTERS, home_after=3)
    masks = {"aaa": [False, True, False, False], "abc": [False] * 3 + [True]}
    for text, mask in {**masks, "aa": [True, True, True, False]}.items():
        state = guide.start(1)
        for letter in text:
            state = guide.advance(state, np.array([LETTERS.id(letter)]))
        assert guide.allowed(state)[0].tolist() == mask
    deep = guide.start(1)
    for _ in range(5):  # five deep there is no symbol homeward, and anything may come
        deep = guide.advance(deep, np.array([0]))
    assert guide.allowed(deep)[0].tolist() == [True, True, True, False]
    assert guide.accepts([0] * 5 + [1] * 5, LETTERS.end)

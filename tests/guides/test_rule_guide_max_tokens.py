"""RuleGuide and its longest item: every row ends within max_tokens, and nothing else is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import seqgen
from seqgen import RuleGuide, SettingError, Vocabulary
from seqgen.domains.guide import Guide
from seqgen.errors import PluginError
from seqgen.guides.reachability import Reachability
from seqgen.testing import CHECKS, DomainUnderTest

LETTERS = Vocabulary(("a", "b", "c"))
#: Longer items are not looked at.
LONGEST = 6
Moves = dict[tuple[int, str], tuple[int, ...]]

#: Rules of six places: some symbols lead to one, some to two that are guesses, many nowhere.
rules = st.fixed_dictionaries(
    {},
    optional={
        (place, symbol): st.lists(st.integers(0, 5), min_size=1, max_size=2).map(tuple)
        for place in range(6)
        for symbol in LETTERS.symbols
    },
)


class Drawn(RuleGuide[int]):
    """A rule as drawn by hypothesis; items end at the places that ``ends`` names."""

    def __init__(
        self, moves: Moves, ends: frozenset[int], most: int | None, home: int | None = None
    ) -> None:
        super().__init__(LETTERS, most, home)
        self._drawn, self._drawn_ends = moves, ends

    def first(self) -> int:
        return 0

    def after(self, place: int, symbol: str) -> Sequence[int]:
        return self._drawn.get((place, symbol), ())

    def may_end(self, place: int) -> bool:
        return place in self._drawn_ends


def possible_items(moves: Moves, ends: frozenset[int], longest: int) -> set[tuple[int, ...]]:
    """Every item of at most ``longest`` tokens, by brute force."""
    found = set()
    for size in range(longest + 1):
        for word in product(range(3), repeat=size):
            places = {0}
            for token in word:
                places = {p for q in places for p in moves.get((q, LETTERS.symbols[token]), ())}
            if places & ends:
                found.add(word)
    return found


def walked(guide: Guide[object]) -> set[tuple[int, ...]]:
    """Every item that the masks allow; each row continues until only its end is allowed."""
    words, waiting = set(), [((), guide.start(1))]
    while waiting:
        word, state = waiting.pop()
        assert guide.max_tokens is not None and len(word) <= guide.max_tokens
        mask = guide.allowed(state)[0]
        assert mask.any(), f"a dead end after {word}"
        if mask[LETTERS.end]:
            words.add(word)
        for token in np.flatnonzero(mask[:-1]).tolist():
            waiting.append(((*word, token), guide.advance(state, np.array([token]))))
    return words


@given(rules, st.frozensets(st.integers(0, 5), min_size=1), st.integers(1, LONGEST))
def test_rows_end_within_max_tokens_and_every_item_is_possible(
    moves: Moves, ends: frozenset[int], most: int
) -> None:
    wanted = possible_items(moves, ends, most)
    guide = Drawn(moves, ends, most)
    if not wanted:
        with pytest.raises(SettingError, match=f"Drawn: no item of at most {most} tokens keeps"):
            guide.allowed(guide.start(1))
        return
    assert walked(guide) == wanted
    for word in product(range(3), repeat=min(most, 4)):
        assert guide.accepts(word, LETTERS.end) == (word in wanted)
    assert not guide.accepts([0] * (most + 1), LETTERS.end)


@given(
    rules,
    st.frozensets(st.integers(0, 5), min_size=1),
    st.integers(1, LONGEST),
    st.integers(0, LONGEST),
)
def test_home_after_respects_max_tokens(
    moves: Moves, ends: frozenset[int], most: int, home: int
) -> None:
    wanted = possible_items(moves, ends, most)
    assume(wanted)
    assert walked(Drawn(moves, ends, most, home)) <= wanted


@given(rules, st.frozensets(st.integers(0, 5), min_size=1), st.lists(st.integers(0, 40)))
def test_distances_do_not_depend_on_earlier_queries(
    moves: Moves, ends: frozenset[int], queries: list[int]
) -> None:
    def following(place: int) -> Iterator[int]:
        for symbol in LETTERS.symbols:
            yield from moves.get((place, symbol), ())

    def fresh() -> Reachability[int]:
        return Reachability("Drawn", following, ends.__contains__, 100)

    ends_from = fresh()
    for number in queries:
        place, tokens = number % 6, number // 6
        assert ends_from.ends_within(place, tokens) == fresh().ends_within(place, tokens)
        known = ends_from.distance(place)
        assert ends_from.ends_within(place, known) == (known < 99)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "homeward",
            ("a",),
            r"Wrong.homeward must be a method, homeward\(self, place\); was \('a'",
        ),
        ("kind", "a", r"Wrong.kind must be a method, kind\(self, symbol\); was 'a'"),
        ("home_after", 9, r"super\(\).__init__\(vocabulary, home_after=9\)"),
        ("max_tokens", 9, r"super\(\).__init__\(vocabulary, max_tokens=9\)"),
    ],
)
def test_invalid_class_attributes_are_named(name: str, value: object, told: str) -> None:
    with pytest.raises(PluginError, match=told):
        type("Wrong", (Drawn,), {name: value})


class Endless(Drawn):
    """Never ends."""

    def after(self, place: int, symbol: str) -> Sequence[int]:
        return (place + 1,)


class Near(Endless):
    """Is given up soon; the places that it begins at are those of no end."""

    furthest: ClassVar[int] = 50

    def first(self) -> int:
        return 1


@dataclass(frozen=True)
class Wishes:
    """Options of a rule, of which one is impossible."""

    far: bool = seqgen.setting(False, "Ask for what never comes.")


def test_the_check_names_the_option_without_an_end() -> None:
    def guide(encoder: Any, wishes: Wishes, condition: object) -> RuleGuide[int]:
        free: Moves = {(0, symbol): (0,) for symbol in LETTERS.symbols}
        return (Near if wishes.far else Drawn)(free, frozenset({0}), None)

    corpus = ["ab", "bc", "ca"]
    fields = {
        "corpus": lambda source, options: corpus,
        "encoder": seqgen.CharEncoder,
        "guide": guide,
    }
    domain = seqgen.Domain(name="far", summary="Far", generation_options=Wishes, **fields)
    subject = DomainUnderTest(domain)
    names = ("generation_options", "guide_dead_ends", "guide_bound", "decode_total")
    outcomes = [check.outcome(subject) for check in CHECKS if check.name in names]
    failed, *rest = [each for each in outcomes if each.status != "passed"]
    assert all("needs generation_options, which fails" in each.note for each in rest), rest
    assert failed.name == "generation_options" and "far = True raised PluginError" in failed.note


def test_no_end_is_an_error_of_the_rule() -> None:
    endless = Endless({}, frozenset({-1}), None)
    with pytest.raises(PluginError, match=r"impossible options must be a seqgen\.Setting"):
        endless.allowed(endless.start(1))
    far = Endless({}, frozenset({50_000}), None)
    assert far.allowed(far.start(1)).any()
    near = Endless({}, frozenset({9}), 8)
    with pytest.raises(SettingError, match="no item of at most 8 tokens"):
        near.allowed(near.start(1))

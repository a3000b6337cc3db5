"""SuffixAutomaton compared with a search over all runs."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from seqgen.evaluation.suffix_automaton import SuffixAutomaton

ITEM = st.lists(st.integers(0, 2), max_size=12)


def longest_run(item: Sequence[int], others: Sequence[Sequence[int]]) -> int:
    """The longest run of the item that is among all runs of the others."""
    known = {tuple(o[a:b]) for o in others for a in range(len(o)) for b in range(a, len(o) + 1)}
    runs = [(a, b) for a in range(len(item)) for b in range(a, len(item) + 1)]
    return max((b - a for a, b in runs if tuple(item[a:b]) in known), default=0)


@given(ITEM, st.lists(ITEM, max_size=5))
def test_the_longest_run_is_the_longest_shared_one(
    item: list[int], others: list[list[int]]
) -> None:
    assert SuffixAutomaton(others).longest(item) == longest_run(item, others)


@given(ITEM, st.lists(ITEM, max_size=4))
def test_every_match_is_the_longest_run_that_ends_there(
    item: list[int], others: list[list[int]]
) -> None:
    matches = list(SuffixAutomaton(others).matches(item))
    assert len(matches) == len(item)
    for end, match in enumerate(matches):
        run = item[end - match.length + 1 : end + 1]
        if match.length:
            assert others[match.item][match.end - match.length + 1 : match.end + 1] == run
        if end >= match.length:
            longer = item[end - match.length : end + 1]
            cuts = [o[at : at + len(longer)] for o in others for at in range(len(o))]
            assert longer not in cuts


def test_no_run_spans_two_items() -> None:
    assert SuffixAutomaton([[1, 2], [3, 4]]).longest([1, 2, 3, 4]) == 2

"""Guide interventions: counted exactly where a rule forbids the most probable token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from seqgen import FreeGuide, RowGuide, Vocabulary
from seqgen.evaluation.guide_interventions import count_interventions

from ..helpers.fakes import SpellingModel

LETTERS = Vocabulary(tuple("abc"))


class Ban(RowGuide[int]):
    """Forbids some letters, each each by its own rule; the state is the position."""

    def __init__(self, letters: str) -> None:
        self._letters = letters

    def row_start(self) -> int:
        return 0

    def row_allowed(self, state: int) -> Any:
        return np.array([letter not in self._letters for letter in "abc"] + [True])

    def row_advance(self, state: int, token: int) -> int:
        return state + 1

    @property
    def without(self) -> Mapping[str, Ban]:
        return {f"no {x}": Ban(self._letters.replace(x, "")) for x in self._letters}


@pytest.mark.parametrize(
    ("banned", "found"),
    [
        ("", {}),
        ("b", {"no b": 2}),
        ("bc", {"no b": 2, "no c": 1}),
        ("a", {"no a": 1}),
    ],
)
def test_each_rule_is_counted_where_it_forbids_the_most_probable_token(
    banned: str, found: dict[str, int]
) -> None:
    tokens = [LETTERS.id(letter) for letter in "abcb"]
    model = SpellingModel(tokens, LETTERS.size)
    assert count_interventions(model, Ban(banned), tokens, LETTERS) == found


def test_a_guide_without_rules_has_no_counts() -> None:
    guide = FreeGuide(LETTERS.size)
    assert count_interventions(SpellingModel([0], LETTERS.size), guide, [0], LETTERS) == {}

"""The lists and splits of the quality benchmarks."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.quality.word_lists")


@pytest.mark.parametrize(
    ("seed", "expected"),
    # The result of torch.manual_seed(seed); torch.randperm(10) on a CPU.
    [(0, [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]), (42, [2, 6, 1, 8, 4, 5, 0, 9, 3, 7])],
)
def test_the_permutation_equals_that_of_pytorch(lists: Any, seed: int, expected: list[int]) -> None:
    assert lists._torch_randperm(10, seed) == expected


@pytest.mark.parametrize("count", [30, 32_033])
def test_the_splits_contain_every_item_once(lists: Any, count: int) -> None:
    lecture, makemore = lists.lecture_split(count), lists.makemore_split(count, 0.1)
    for split in (lecture, makemore):
        parts = (*split.train, *split.validation, *split.held_out)
        assert sorted(parts) == list(range(count))
    assert len(makemore.held_out) == min(1000, count // 10)
    assert len(lecture.train) == int(0.8 * count)


def test_lines_keep_their_order_and_may_repeat(lists: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("emma\n\n ava \nemma\n")
    assert lists.read_lines(tmp_path / "a.txt") == ["emma", "ava", "emma"]

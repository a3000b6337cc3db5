"""Training items in the model file: exactly back, small, optional, never trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.domains.encoder import is_novel
from seqgen.errors import ModelFileError
from seqgen.models.model_file import load_model, save_model
from seqgen.models.stored_training_items import LENGTHS, TOKENS, items_from_arrays, items_to_arrays

from ..helpers.fakes import dino_names, dinos, model_by_hand

ITEMS = st.lists(st.lists(st.integers(0, 299), max_size=12), max_size=20)


@given(ITEMS)
def test_distinct_items_are_restored(items: list[list[int]]) -> None:
    found = items_from_arrays(items_to_arrays(items, 301))
    assert found is not None
    assert [tuple(item.tolist()) for item in found] == sorted({tuple(item) for item in items})


def test_items_beyond_the_limit_are_not_stored() -> None:
    items = [[1, 2, 3], [4], [1, 2, 3]]
    arrays = items_to_arrays(items, 27)
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.uint8)}
    assert items_to_arrays(items, 300)[TOKENS].dtype == np.uint16
    assert items_to_arrays(items, 27, most_bytes=6), "four tokens and two lengths"
    assert items_to_arrays(items, 27, most_bytes=5) == {}
    assert items_from_arrays({}) is None


def test_the_model_file_stores_the_items_of_its_hashes(dinos_model: Path) -> None:
    trained = load_model(dinos_model, dinos())
    items = trained.training_items()
    assert items is not None and len(items) == len(trained.training_hashes) > 50
    assert not any(is_novel(item, trained.training_hashes) for item in items)


def test_a_file_without_them_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    save_model(path, replace(model_by_hand(dinos(), dino_names()), training_arrays={}))
    assert load_model(path, dinos()).training_items() is None


@pytest.mark.parametrize(
    "arrays",
    [
        {TOKENS: np.array([1, 2], np.uint8), LENGTHS: np.array([1], np.uint8)},
        {TOKENS: np.array([1, 2], np.int8), LENGTHS: np.array([3, -1], np.int8)},
        {TOKENS: np.zeros((2, 2), np.uint8), LENGTHS: np.array([2], np.uint8)},
        {TOKENS: np.array([1.0]), LENGTHS: np.array([1], np.uint8)},
    ],
)
def test_damaged_items_are_an_error(arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(ModelFileError, match="training items are damaged"):
        items_from_arrays(arrays)


def test_a_large_corpus_is_not_read_completely() -> None:
    read = []

    def items() -> Iterator[list[int]]:
        for number in range(1000):
            read.append(number)
            yield [number % 26, number // 26]

    assert items_to_arrays(items(), 27, most_bytes=30) == {}
    assert len(read) == 11, "ten items of two tokens and a length fill 30 bytes"
    assert items_to_arrays([[1, 2]] * 1000, 27, most_bytes=3), "each different item counts once"

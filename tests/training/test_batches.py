"""Windows and batches: every token once an epoch, a pure function of the seed and the epoch."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Encoded
from seqgen.models.batch import Batch, pad, whole, windows
from seqgen.training.batches import Batches
from seqgen.training.token_dataset import StoredItems, TokenStore

from ..helpers.fakes import letters

ENCODER = letters("abcd")
VOCABULARY = ENCODER.vocabulary
TEXTS = st.lists(st.text("abcd", max_size=14), min_size=1, max_size=20)


def batches(texts: Any, window: int = 5, seed: int = 0, augment: Any = None) -> Batches:
    """Batches of at most four windows."""
    return Batches(
        texts,
        ENCODER.encode,
        VOCABULARY,
        batch_size=4,
        window=window,
        seed=seed,
        augment=augment,
    )


def content(batch: Batch) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The unpadded inputs and targets of each row."""
    lengths = batch.weights.sum(axis=1).astype(int)
    return [
        (tuple(batch.inputs[row, :n].tolist()), tuple(batch.targets[row, :n].tolist()))
        for row, n in enumerate(lengths)
    ]


def same(one: list[Batch], other: list[Batch]) -> bool:
    """Whether two epochs are equal to the last number."""
    return len(one) == len(other) and all(
        np.array_equal(a.inputs, b.inputs)
        and np.array_equal(a.targets, b.targets)
        and np.array_equal(a.weights, b.weights)
        for a, b in zip(one, other, strict=True)
    )


@given(st.text("abcd", max_size=30), st.integers(2, 9), st.booleans())
def test_windows_cover_an_item_exactly(text: str, length: int, with_context: bool) -> None:
    tokens = ENCODER.encode(text).tokens
    context = np.arange(2 * len(text) + 2, dtype=np.int32).reshape(-1, 2) if with_context else None
    cut = windows(Encoded(tokens, context), VOCABULARY, length)
    assert all(len(row.inputs) == length for row in cut[:-1])
    assert 1 <= len(cut[-1].inputs) <= length
    inputs = np.concatenate([row.inputs for row in cut])
    targets = np.concatenate([row.targets for row in cut])
    assert inputs.tolist() == [VOCABULARY.start, *tokens]
    assert targets.tolist() == [*tokens, VOCABULARY.end]
    if context is not None:
        joined = np.concatenate([row.context for row in cut if row.context is not None])
        np.testing.assert_array_equal(joined, context)


def test_padding_stands_on_the_right_and_weighs_nothing() -> None:
    items = [Encoded(np.array(t, np.int32), np.ones((len(t) + 1, 2), np.int32)) for t in ([0], [])]
    batch = pad([whole(item, VOCABULARY) for item in items], VOCABULARY)
    end, start = VOCABULARY.end, VOCABULARY.start
    assert batch.inputs.tolist() == [[start, 0], [start, end]]
    assert batch.targets.tolist() == [[0, end], [end, end]]
    assert batch.weights.tolist() == [[1, 1], [1, 0]]
    assert batch.context is not None and batch.context[1].tolist() == [[1, 1], [0, 0]]
    assert batch.inputs.dtype == "int32" and batch.weights.dtype == "float32"


@given(TEXTS, st.integers(2, 6), st.integers(0, 50), st.integers(0, 5))
def test_every_window_comes_once_an_epoch(
    texts: list[str], window: int, seed: int, epoch: int
) -> None:
    made = batches(texts, window, seed)
    drawn = list(made.epoch(epoch))
    assert len(drawn) == made.steps
    assert all(1 <= len(batch.inputs) <= 4 for batch in drawn)
    cut = [row for text in texts for row in windows(ENCODER.encode(text), VOCABULARY, window)]
    wanted = Counter((tuple(row.inputs.tolist()), tuple(row.targets.tolist())) for row in cut)
    assert Counter(row for batch in drawn for row in content(batch)) == wanted


@given(TEXTS, st.data())
def test_stored_items_are_batched_where_they_lie(texts: list[str], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(range(len(texts))), min_size=1))
    part = StoredItems(map(ENCODER.encode, texts), VOCABULARY).part(places)
    plain, stored = batches([texts[place] for place in places]), batches(part)
    assert plain.steps == stored.steps and same(list(plain.epoch(2)), list(stored.epoch(2)))


@given(TEXTS, st.integers(0, 50))
def test_an_epoch_does_not_depend_on_what_was_drawn_before(texts: list[str], seed: int) -> None:
    fresh = list(batches(texts, seed=seed).epoch(3))
    used = batches(texts, seed=seed)
    for number in (0, 5, 3):
        next(iter(used.epoch(number)))
    assert same(list(used.epoch(3)), fresh)


@given(TEXTS, st.integers(2, 6), st.booleans())
def test_the_store_gives_what_padded_windows_give(
    texts: list[str], length: int, with_context: bool
) -> None:
    items = [
        Encoded(
            ENCODER.encode(text).tokens,
            np.arange(2 * len(text) + 2, dtype=np.int32).reshape(-1, 2) if with_context else None,
        )
        for text in texts
    ]
    store = TokenStore(iter(items), VOCABULARY)
    made = store.batch(*store.cut(length))
    wanted = pad([row for item in items for row in windows(item, VOCABULARY, length)], VOCABULARY)
    assert same([made], [wanted])
    assert (made.context is None) == (wanted.context is None)
    if made.context is not None and wanted.context is not None:
        np.testing.assert_array_equal(made.context, wanted.context)
    assert made.inputs.dtype == made.targets.dtype == "int32" and made.weights.dtype == "float32"


@given(TEXTS, st.integers(0, 50), st.integers(0, 100), st.booleans())
def test_a_batch_alone_is_that_of_its_epoch(
    texts: list[str], seed: int, step: int, augmented: bool
) -> None:
    augment = (lambda text, rng: text * rng.randint(1, 3)) if augmented else None
    made = batches(texts, seed=seed, augment=augment)
    number, within = divmod(step, made.steps)
    fresh = batches(texts, seed=seed, augment=augment)
    assert same([fresh.batch(step)], [list(made.epoch(number))[within]])


def test_seeds_and_epochs_give_other_orders() -> None:
    texts = [letter * length for letter in "abcd" for length in range(1, 12)]
    orders = {
        tuple(row for batch in batches(texts, 20, seed).epoch(epoch) for row in content(batch))
        for seed in range(3)
        for epoch in range(3)
    }
    assert len(orders) == 9


def test_windows_of_like_length_share_a_batch() -> None:
    texts = ["a" * length for length in range(16)]
    for batch in batches(texts, 99).epoch(0):
        lengths = batch.weights.sum(axis=1)
        assert np.ptp(lengths) == 3


@pytest.mark.parametrize("epoch", [0, 4])
def test_augmentation_follows_from_seed_epoch_and_item(epoch: int) -> None:
    texts = ["ab", "ab", "cd"]

    def augment(text: str, rng: Random) -> str:
        return text * rng.randint(1, 1000)

    def factors(made: Batches, number: int) -> list[int]:
        rows = [row for batch in made.epoch(number) for row in content(batch)]
        return sorted(len(targets) // 2 for _, targets in rows)

    made = batches(texts, 5000, seed=6, augment=augment)
    wanted = [Random(f"6/{epoch}/{place}").randint(1, 1000) for place in range(3)]
    assert factors(made, epoch) == sorted(wanted), "a generator of its own for each item"
    assert factors(made, epoch + 1) != sorted(wanted)
    other = batches(texts, 5000, seed=7, augment=augment)
    assert factors(other, epoch) != sorted(wanted)


def test_augmentation_keeps_the_number_of_steps() -> None:
    # Items of one or of many windows: an epoch has as many steps as the plain items need.
    made = batches(["ab"] * 8, 2, augment=lambda text, rng: text * rng.choice([1, 9]))
    assert made.steps == 4
    for epoch in range(6):
        assert len(list(made.epoch(epoch))) == 4
    # Even when fewer windows are left than steps: then windows come again.
    short = batches(["abcd" * 10] * 3, 2, augment=lambda text, rng: "a")
    drawn = [content(batch) for batch in short.epoch(0)]
    assert short.steps == len(drawn) == 16
    assert all(len(rows) == 1 for rows in drawn)

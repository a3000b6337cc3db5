"""Windows and batches: every token once per epoch, a pure function of seed and step."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Encoded
from seqgen.models.padded_batch import Batch, pad, whole, windows
from seqgen.training.seeded_batches import Batches
from seqgen.training.token_dataset import TokenDataset

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
    """The inputs and targets of each row without padding."""
    width = batch.inputs.shape[-1]
    inputs, targets = batch.inputs.reshape(-1, width), batch.targets.reshape(-1, width)
    lengths = batch.weights.sum(axis=-1).ravel().astype(int)
    return [
        (tuple(inputs[row, :n].tolist()), tuple(targets[row, :n].tolist()))
        for row, n in enumerate(lengths)
    ]


def same(one: list[Batch], other: list[Batch]) -> bool:
    """Whether two epochs are exactly equal."""
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


def test_padding_is_on_the_right_and_has_weight_0() -> None:
    items = [Encoded(np.array(t, np.int32), np.ones((len(t) + 1, 2), np.int32)) for t in ([0], [])]
    batch = pad([whole(item, VOCABULARY) for item in items], VOCABULARY)
    end, start = VOCABULARY.end, VOCABULARY.start
    assert batch.inputs.tolist() == [[start, 0], [start, end]]
    assert batch.targets.tolist() == [[0, end], [end, end]]
    assert batch.weights.tolist() == [[1, 1], [1, 0]]
    assert batch.context is not None and batch.context[1].tolist() == [[1, 1], [0, 0]]
    assert batch.inputs.dtype == "int32" and batch.weights.dtype == "float32"


@given(TEXTS, st.integers(2, 6), st.integers(0, 50), st.integers(0, 5))
def test_every_window_occurs_once_per_epoch(
    texts: list[str], window: int, seed: int, epoch: int
) -> None:
    made = batches(texts, window, seed)
    drawn = list(made.stacks(epoch))
    assert len(drawn) == made.steps
    assert all(1 <= batch.inputs.shape[1] <= 4 for batch in drawn)
    cut = [row for text in texts for row in windows(ENCODER.encode(text), VOCABULARY, window)]
    wanted = Counter((tuple(row.inputs.tolist()), tuple(row.targets.tolist())) for row in cut)
    assert Counter(row for batch in drawn for row in content(batch)) == wanted


@given(TEXTS, st.data())
def test_a_subset_of_a_dataset_gives_the_batches_of_its_items(
    texts: list[str], data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.sampled_from(range(len(texts))), min_size=1))
    part = TokenDataset(map(ENCODER.encode, texts), VOCABULARY).subset(places)
    plain, stored = batches([texts[place] for place in places]), batches(part)
    assert plain.steps == stored.steps and same(list(plain.stacks(2)), list(stored.stacks(2)))


@given(TEXTS, st.integers(0, 50))
def test_an_epoch_does_not_depend_on_earlier_epochs(texts: list[str], seed: int) -> None:
    fresh = list(batches(texts, seed=seed).stacks(3))
    used = batches(texts, seed=seed)
    for number in (0, 5, 3):
        next(iter(used.stacks(number)))
    assert same(list(used.stacks(3)), fresh)


@given(TEXTS, st.integers(2, 6), st.booleans())
def test_the_dataset_gives_the_batches_of_padded_windows(
    texts: list[str], length: int, with_context: bool
) -> None:
    items = [
        Encoded(
            ENCODER.encode(text).tokens,
            np.arange(2 * len(text) + 2, dtype=np.int32).reshape(-1, 2) if with_context else None,
        )
        for text in texts
    ]
    dataset = TokenDataset(iter(items), VOCABULARY)
    made = dataset.batch(*dataset.windows(length))
    wanted = pad([row for item in items for row in windows(item, VOCABULARY, length)], VOCABULARY)
    assert same([made], [wanted])
    assert (made.context is None) == (wanted.context is None)
    if made.context is not None and wanted.context is not None:
        np.testing.assert_array_equal(made.context, wanted.context)
    assert made.inputs.dtype == made.targets.dtype == "int32" and made.weights.dtype == "float32"


@given(TEXTS, st.integers(0, 50), st.integers(0, 100), st.booleans())
def test_a_single_stack_is_that_of_its_epoch(
    texts: list[str], seed: int, step: int, augmented: bool
) -> None:
    augment = (lambda text, rng: text * rng.randint(1, 3)) if augmented else None
    made = batches(texts, seed=seed, augment=augment)
    number, within = divmod(step, made.steps)
    fresh = batches(texts, seed=seed, augment=augment)
    assert same([fresh.stack(step)], [list(made.stacks(number))[within]])


def test_the_order_depends_on_seed_and_epoch() -> None:
    texts = [letter * length for letter in "abcd" for length in range(1, 12)]
    orders = {
        tuple(row for batch in batches(texts, 20, seed).stacks(epoch) for row in content(batch))
        for seed in range(3)
        for epoch in range(3)
    }
    assert len(orders) == 9


def test_windows_of_similar_length_share_a_batch() -> None:
    texts = ["a" * length for length in range(16)]
    for batch in batches(texts, 99).stacks(0):
        lengths = batch.weights.sum(axis=-1)
        assert np.ptp(lengths) == 3


@pytest.mark.parametrize("epoch", [0, 4])
def test_augmentation_depends_on_seed_epoch_and_index(epoch: int) -> None:
    texts = ["ab", "ab", "cd"]

    def augment(text: str, rng: Random) -> str:
        return text * rng.randint(1, 1000)

    def factors(made: Batches, number: int) -> list[int]:
        rows = [row for batch in made.stacks(number) for row in content(batch)]
        return sorted(len(targets) // 2 for _, targets in rows)

    made = batches(texts, 5000, seed=6, augment=augment)
    wanted = [Random(f"6/{epoch}/{place}").randint(1, 1000) for place in range(3)]
    assert factors(made, epoch) == sorted(wanted), "each item has its own generator"
    assert factors(made, epoch + 1) != sorted(wanted)
    other = batches(texts, 5000, seed=7, augment=augment)
    assert factors(other, epoch) != sorted(wanted)


def test_augmentation_keeps_the_number_of_steps() -> None:
    # Items of one or more windows: the number of steps is that of the original items.
    made = batches(["ab"] * 8, 2, augment=lambda text, rng: text * rng.choice([1, 9]))
    assert made.steps == 4
    for epoch in range(6):
        assert len(list(made.stacks(epoch))) == 4
    # If there are fewer windows than steps, windows repeat.
    short = batches(["abcd" * 10] * 3, 2, augment=lambda text, rng: "a")
    drawn = [content(batch) for batch in short.stacks(0)]
    assert short.steps == len(drawn) == 16
    assert all(len(rows) == 1 for rows in drawn)

"""The streams that ``fit`` reads: order, shapes, original errors, and no tuning."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from seqgen.errors import SeqgenError
from seqgen.models.padded_batch import Batch
from seqgen.training.keras_data_stream import DataStream

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("keras_rnn")]


def batch(rows: int, steps: int, columns: int = 0) -> Batch:
    """A batch with its entries numbered."""
    tokens = np.arange(rows * steps, dtype=np.int32).reshape(rows, steps)
    context = np.repeat(tokens[..., None], columns, axis=2) if columns else None
    return Batch(tokens, tokens + 1, context, np.ones((rows, steps), np.float32))


def first(stream: Any, count: int) -> list[Any]:
    """The first elements as arrays."""
    return [
        tuple(np.asarray(part) for part in (element[0][0], *element[1:]))
        for element in itertools.islice(iter(stream), count)
    ]


def test_batches_of_any_length_come_in_their_order() -> None:
    batches = [batch(2, 3), batch(2, 3), batch(1, 7)]
    for (inputs, targets, weights), wanted in zip(
        first(DataStream(0).stream(lambda: iter(batches)), 3), batches, strict=True
    ):
        np.testing.assert_array_equal(inputs, wanted.inputs)
        np.testing.assert_array_equal(targets, wanted.targets)
        np.testing.assert_array_equal(weights, wanted.weights)


def test_context_is_an_input() -> None:
    batches = batch(2, 3, columns=4)
    ((tokens, context), *_) = next(iter(DataStream(4).stream(lambda: iter([batches]))))
    np.testing.assert_array_equal(np.asarray(tokens), batches.inputs)
    np.testing.assert_array_equal(np.asarray(context), batches.context)


def test_every_evaluation_reads_the_same_batches() -> None:
    import keras

    batches = [batch(1, 2), batch(1, 5), batch(3, 4)]
    stream = DataStream(0).repeat(batches)
    if keras.backend.backend() == "tensorflow":
        lengths = [inputs.shape for inputs, *_ in first(stream, 6)]
        assert lengths == 2 * [one.inputs.shape for one in batches]
    else:
        shapes = [stream[number][0][0].shape for number in range(len(stream))]
        assert shapes == [one.inputs.shape for one in batches]


def test_a_stream_is_not_tuned() -> None:
    """The tuning thread delays the end of ``fit`` for up to a minute."""
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow tunes streams")
    for stream in (DataStream(0).stream(lambda: iter([batch(1, 2)])), DataStream(0).repeat([])):
        assert stream.options().autotune.enabled is False


def test_the_original_error_of_a_stream_is_raised() -> None:
    def broken() -> Iterator[Batch]:
        yield batch(1, 2)
        raise SeqgenError("the item cannot be used")

    stream = DataStream(0)
    with pytest.raises(SeqgenError, match=r"^the item cannot be used$"), stream.original_errors():
        first(stream.stream(broken), 2)


def test_another_error_is_unchanged(keras_rnn: ModuleType) -> None:
    with pytest.raises(ZeroDivisionError), DataStream(0).original_errors():
        raise ZeroDivisionError

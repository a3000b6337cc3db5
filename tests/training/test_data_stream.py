"""The streams ``fit`` reads: order and shapes kept, errors told, and nothing left to wait for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from seqgen.errors import SeqgenError
from seqgen.models.batch import Batch
from seqgen.training.data_stream import Feed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("keras_rnn")]


def batch(rows: int, steps: int, columns: int = 0) -> Batch:
    """A batch of the length, every entry its number."""
    tokens = np.arange(rows * steps, dtype=np.int32).reshape(rows, steps)
    context = np.repeat(tokens[..., None], columns, axis=2) if columns else None
    return Batch(tokens, tokens + 1, context, np.ones((rows, steps), np.float32))


def first(stream: Any, count: int) -> list[Any]:
    """The first elements, as arrays."""
    return [
        tuple(np.asarray(part) for part in (element[0][0], *element[1:]))
        for element in itertools.islice(iter(stream), count)
    ]


def test_batches_of_any_length_come_in_their_order() -> None:
    given = [batch(2, 3), batch(2, 3), batch(1, 7)]
    for (inputs, targets, weights), wanted in zip(
        first(Feed(0).stream(lambda: iter(given)), 3), given, strict=True
    ):
        np.testing.assert_array_equal(inputs, wanted.inputs)
        np.testing.assert_array_equal(targets, wanted.targets)
        np.testing.assert_array_equal(weights, wanted.weights)


def test_context_goes_beside_the_tokens() -> None:
    given = batch(2, 3, columns=4)
    ((tokens, context), *_) = next(iter(Feed(4).stream(lambda: iter([given]))))
    np.testing.assert_array_equal(np.asarray(tokens), given.inputs)
    np.testing.assert_array_equal(np.asarray(context), given.context)


def test_every_evaluation_reads_the_same_batches() -> None:
    import keras

    given = [batch(1, 2), batch(1, 5), batch(3, 4)]
    stream = Feed(0).again_and_again(given)
    if keras.backend.backend() == "tensorflow":
        lengths = [inputs.shape for inputs, *_ in first(stream, 6)]
        assert lengths == 2 * [one.inputs.shape for one in given]
    else:
        shapes = [stream[number][0][0].shape for number in range(len(stream))]
        assert shapes == [one.inputs.shape for one in given]


def test_a_stream_is_not_tuned() -> None:
    """A thread that would tune it kept ``fit`` from returning for up to a minute."""
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow tunes streams")
    for stream in (Feed(0).stream(lambda: iter([batch(1, 2)])), Feed(0).again_and_again([])):
        assert stream.options().autotune.enabled is False


def test_the_error_of_a_stream_is_told_itself() -> None:
    def broken() -> Iterator[Batch]:
        yield batch(1, 2)
        raise SeqgenError("the item cannot be used")

    feed = Feed(0)
    with pytest.raises(SeqgenError, match=r"^the item cannot be used$"), feed.telling():
        first(feed.stream(broken), 2)


def test_another_error_is_left_as_it_is(keras_rnn: ModuleType) -> None:
    with pytest.raises(ZeroDivisionError), Feed(0).telling():
        raise ZeroDivisionError

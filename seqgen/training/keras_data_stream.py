"""DataStream: batches in the form that Keras' ``fit`` reads."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, final

from seqgen.errors import SeqgenError
from seqgen.models.padded_batch import Batch


@final
class DataStream:
    """Feeds batches to ``fit``.

    Args:
        context_columns: The number of context columns of the network.
    """

    def __init__(self, context_columns: int) -> None:
        self._columns = context_columns
        self._error: SeqgenError | None = None

    def stream(self, batches: Callable[[], Iterator[Batch]], stack_size: int | None = None) -> Any:
        """A stream of batches of any length; stacks of batches if ``stack_size`` is set.

        On TensorFlow this is a dataset that declares its shapes: from a plain generator Keras
        infers a fixed shape if the first two batches have the same length, and refuses others.
        """
        import keras

        def generate() -> Iterator[Any]:
            try:
                yield from map(_to_keras, batches())
            except SeqgenError as error:
                self._error = error
                raise

        if keras.backend.backend() != "tensorflow":
            return generate()
        import tensorflow as tf

        shape = (None, None) if stack_size is None else (stack_size, None, None)
        tokens, weights = tf.TensorSpec(shape, tf.int32), tf.TensorSpec(shape, tf.float32)
        context = (tf.TensorSpec((*shape, self._columns), tf.int32),) if self._columns else ()
        signature = ((tokens, *context), tokens, weights)
        dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
        # There is nothing to tune, and the tuning thread (TensorFlow 2.21) sometimes misses the
        # end of the stream; ``fit`` then waits for it up to a minute.
        options = tf.data.Options()
        options.autotune.enabled = False
        return dataset.prefetch(2).with_options(options)

    def repeat(self, batches: Sequence[Batch]) -> Any:
        """The same batches for every validation of ``fit``.

        From a plain generator Keras (3.15.1) gives the first two batches to each validation and
        then continues where the last one stopped, so that some count twice and others never.
        """
        import keras

        if keras.backend.backend() == "tensorflow":
            return self.stream(lambda: itertools.chain.from_iterable(itertools.repeat(batches)))

        class BatchList(keras.utils.PyDataset):  # type: ignore[misc]
            """The batches by index."""

            def __len__(self) -> int:
                return len(batches)

            def __getitem__(self, index: int) -> Any:
                return _to_keras(batches[index])

        return BatchList()

    @contextmanager
    def original_errors(self) -> Iterator[None]:
        """Raise the error of a stream instead of the backend's.

        TensorFlow reads a stream in another thread and raises an error with a traceback in its
        text.
        """
        try:
            yield
        except SeqgenError:
            raise
        except Exception:
            if self._error is None:
                raise
            raise self._error from self._error.__cause__


def _to_keras(batch: Batch) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights."""
    context = () if batch.context is None else (batch.context,)
    return (batch.inputs, *context), batch.targets, batch.weights

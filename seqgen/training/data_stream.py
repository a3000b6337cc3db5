"""Feed: batches as Keras' ``fit`` takes them, and the error that making one of them ended in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, final

from seqgen.errors import SeqgenError
from seqgen.models.batch import Batch


@final
class Feed:
    """Streams of batches for one network.

    Args:
        columns: How many context columns the network reads.
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._failure: SeqgenError | None = None

    def stream(self, batches: Callable[[], Iterator[Batch]], at_once: int | None = None) -> Any:
        """A stream as ``fit`` takes it, for batches of any length, stacked where so many are given.

        From a plain generator Keras on TensorFlow infers one fixed shape where its first two
        batches happen to be equally long, and refuses the others; a dataset says its shapes.
        """
        import keras

        def told() -> Iterator[Any]:
            return self._told(batches)

        if keras.backend.backend() != "tensorflow":
            return told()
        import tensorflow as tf

        shape = (None, None) if at_once is None else (at_once, None, None)
        tokens = tf.TensorSpec(shape, tf.int32)
        context = (tf.TensorSpec((*shape, self._columns), tf.int32),) if self._columns else ()
        weights = tf.TensorSpec(shape, tf.float32)
        signature = ((tokens, *context), tokens, weights)
        stream = tf.data.Dataset.from_generator(told, output_signature=signature).prefetch(2)
        return stream.with_options(_without_tuning())

    def again_and_again(self, batches: Sequence[Batch]) -> Any:
        """The same batches for every evaluation of ``fit``, from the first to the last.

        Of a plain generator Keras (3.15.1) gives the first two batches anew to each evaluation
        and then goes on where the one before stopped, so that some count twice and others never.
        """
        import keras

        if keras.backend.backend() == "tensorflow":
            return self.stream(lambda: itertools.chain.from_iterable(itertools.repeat(batches)))

        class Kept(keras.utils.PyDataset):  # type: ignore[misc]
            """The batches by number."""

            def __len__(self) -> int:
                return len(batches)

            def __getitem__(self, index: int) -> Any:
                return _as_keras(batches[index])

        return Kept()

    def _told(self, batches: Callable[[], Iterator[Batch]]) -> Iterator[Any]:
        try:
            yield from map(_as_keras, batches())
        except SeqgenError as error:
            self._failure = error
            raise

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Raise the error of a stream itself, where the backend makes one of its own of it.

        TensorFlow reads a stream in another thread, and gives its account of what was raised
        there, with a traceback in its text.
        """
        try:
            yield
        except SeqgenError:
            raise
        except Exception:
            if self._failure is None:
                raise
            raise self._failure from self._failure.__cause__


def _without_tuning() -> Any:
    """Options of a stream that nothing is to be tuned in.

    A stream has nothing to tune, and the thread that would do it (TensorFlow 2.21) sometimes
    misses that the stream has ended: it then sleeps on, up to a minute, and ``fit`` waits for it.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return options


def _as_keras(batch: Batch) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights."""
    context = () if batch.context is None else (batch.context,)
    return (batch.inputs, *context), batch.targets, batch.weights

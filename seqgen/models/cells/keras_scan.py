"""scan: a loop over the first axis on any Keras backend, with any number of outputs.

``keras.ops.scan`` on TensorFlow (3.15.1) requires outputs with the structure of the carry, and
stores the carry in arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

Arrays = tuple[Any, ...]
Body = Callable[[Arrays, Arrays], tuple[Arrays, Arrays]]


def scan(
    body: Body,
    start: Arrays,
    rows: Arrays,
    widths: Sequence[int],
    reverse: bool = False,
    stacked: int | None = None,
) -> tuple[Arrays, Arrays]:
    """Call ``body(carry, row)`` for every row of the first axis.

    Args:
        body: Returns the carry after the row and the outputs of the row.
        start: The initial carry; its shapes are constant.
        rows: Arrays ``(T, ...)``, or unstacked outputs of another scan.
        widths: The last axis of each output; outputs are float32 ``(B, width)``.
        reverse: From the last row to the first; outputs are in the order of the rows.
        stacked: The number of leading outputs that are returned as arrays; None for all. The
            others can only be rows of another scan, which saves a copy.

    Returns:
        The last carry, and the outputs ``(T, B, width)``.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _tensorflow(body, start, rows, widths, reverse, stacked)
    if backend == "jax":
        import jax

        carry, outputs = jax.lax.scan(body, start, rows, reverse=reverse)
        return tuple(carry), tuple(outputs)
    return _loop(body, start, rows, reverse)


def fuse(function: Callable[..., Arrays]) -> Callable[..., Arrays]:
    """Elementwise arithmetic in one pass over memory: compiled by XLA on TensorFlow.

    Uncompiled, TensorFlow on a CPU reads and writes the gates about twenty times per step, which
    takes longer than the matrix product. The product itself is not compiled, because XLA's is
    slower. On JAX the entire step is compiled anyway.

    Args:
        function: Tensors to a tuple of tensors; compiled once for each of their shapes.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    compiled: Callable[..., Arrays] = tf.function(function, jit_compile=True, autograph=False)
    return compiled


def detach(output: Any) -> Any:
    """The same numbers, for use in the output's own gradient function.

    On PyTorch an output refers to its gradient function. One that referred to the output in turn
    would be freed only by the garbage collector: gigabytes later in a wide network.
    """
    return output.detach() if keras.backend.backend() == "torch" else output


def _loop(body: Body, start: Arrays, rows: Arrays, reverse: bool) -> tuple[Arrays, Arrays]:
    steps = range(rows[0].shape[0])
    carry, outputs = start, []
    for t in reversed(steps) if reverse else steps:
        carry, row_outputs = body(carry, tuple(part[t] for part in rows))
        outputs.append(row_outputs)
    ordered = outputs[::-1] if reverse else outputs
    return carry, tuple(keras.ops.stack(column) for column in zip(*ordered, strict=True))


def _tensorflow(
    body: Body,
    start: Arrays,
    rows: Arrays,
    widths: Sequence[int],
    reverse: bool,
    stacked: int | None,
) -> tuple[Arrays, Arrays]:
    import tensorflow as tf

    first = rows[0]
    count = first.size() if isinstance(first, tf.TensorArray) else tf.shape(first)[0]
    shapes = [(start[0].shape[0], width) for width in widths]
    outputs = [tf.TensorArray(tf.float32, size=count, element_shape=shape) for shape in shapes]

    def step(done: Any, carry: Arrays, written: list[Any]) -> Any:
        t = count - 1 - done if reverse else done
        # Reading a row of an array in place avoids a copy of the array.
        row = (part.read(t) if isinstance(part, tf.TensorArray) else part[t] for part in rows)
        carry, found = body(carry, tuple(row))
        return done + 1, carry, [w.write(t, out) for w, out in zip(written, found, strict=True)]

    _, carry, written = tf.while_loop(
        lambda done, *_: done < count,
        step,
        (tf.constant(0), tuple(start), outputs),
        parallel_iterations=1,
        maximum_iterations=count,
    )
    arrays = [part.stack() for part in written[:stacked]]
    steps = None if isinstance(first, tf.TensorArray) else first.shape[0]
    for array, shape in zip(arrays, shapes, strict=False):
        array.set_shape((steps, *shape))
    return tuple(carry), (*arrays, *written[len(arrays) :])


def repeat_step(step: Callable[[Any], Any], data: Any, compiled: bool) -> None:
    """Call a Keras training step for each entry of stacked batches; not on JAX.

    Args:
        step: Keras' own ``train_step``, which updates variables.
        data: Nested arrays with an additional first axis of known size.
        compiled: Whether XLA compiles all steps together on TensorFlow, once for each shape.
    """
    count = keras.tree.flatten(data)[0].shape[0]
    if keras.backend.backend() != "tensorflow":
        for place in range(count):
            step(_entry(data, place))
        return
    import tensorflow as tf

    def steps(stacked: Any) -> None:
        def body(place: Any) -> Any:
            step(_entry(stacked, place))
            return place + 1

        tf.while_loop(lambda place: place < count, body, (tf.constant(0),), parallel_iterations=1)

    if compiled:
        steps = tf.function(steps, jit_compile=True, autograph=False)
    steps(data)


def repeat_step_on_jax(step: Callable[[Any, Any], Any], state: Any, data: Any) -> tuple[Any, Any]:
    """The same on JAX, where ``step(state, batch)`` returns metrics and the new state.

    Returns:
        The metrics of the last step, and the state after it.
    """
    import jax

    def body(before: Any, batch: Any) -> Any:
        metrics, after = step(before, batch)
        return after, metrics

    state, metrics = jax.lax.scan(body, state, data)
    return {name: values[-1] for name, values in metrics.items()}, state


def _entry(data: Any, place: Any) -> Any:
    return keras.tree.map_structure(lambda array: array[place], data)

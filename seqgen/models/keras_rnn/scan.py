"""scan: a loop over the first axis on any Keras backend, with outputs of any number.

``keras.ops.scan`` on TensorFlow (3.15.1) asks that the outputs have the structure of the carry,
and keeps the carry in arrays.
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
        body: Gives the carry after the row and the outputs of the row.
        start: The first carry; shapes stay.
        rows: Arrays ``(T, ...)``, or outputs of another scan as they are.
        widths: The last axis of each output; outputs are float32 ``(B, width)``.
        reverse: From the last row to the first; outputs stand in the order of the rows.
        stacked: So many of the outputs, the first ones, are wanted as arrays; None for all. The
            others are for the rows of another scan alone, which spares copying them.

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
    return _plain(body, start, rows, reverse)


def fused(function: Callable[..., Arrays]) -> Callable[..., Arrays]:
    """Elementwise arithmetic in one pass over memory: compiled by XLA where TensorFlow runs it.

    Operation by operation, TensorFlow on a CPU reads and writes the gates some twenty times a
    step, which takes longer than the matrix product. Only the product stays outside: there
    XLA is the slower one. On JAX the whole step is compiled anyhow.

    Args:
        function: Tensors to a tuple of tensors; compiled once for each shape of them.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    compiled: Callable[..., Arrays] = tf.function(function, jit_compile=True, autograph=False)
    return compiled


def unbound(output: Any) -> Any:
    """What a gradient may keep of the output that it belongs to: the same numbers.

    On PyTorch an output holds its gradient. One that held the output in turn would not be freed
    with the step, but when the garbage collector comes by: gigabytes later in a wide network.
    """
    return output.detach() if keras.backend.backend() == "torch" else output


def _plain(body: Body, start: Arrays, rows: Arrays, reverse: bool) -> tuple[Arrays, Arrays]:
    steps = range(rows[0].shape[0])
    carry, found = start, []
    for t in reversed(steps) if reverse else steps:
        carry, outputs = body(carry, tuple(part[t] for part in rows))
        found.append(outputs)
    ordered = found[::-1] if reverse else found
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
        # A row of an array is read where it lies; an array of rows would be a copy of it.
        given = (part.read(t) if isinstance(part, tf.TensorArray) else part[t] for part in rows)
        carry, found = body(carry, tuple(given))
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


def repeated(step: Callable[[Any], Any], data: Any, compiled: bool) -> None:
    """Call a Keras training step for each entry of stacked batches.

    Args:
        step: Keras' own ``train_step``, which changes variables; not for JAX.
        data: Nested arrays with one more axis in front, of known size.
        compiled: Whether TensorFlow's XLA compiles all of it, once for each shape.
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


def repeated_on_jax(step: Callable[[Any, Any], Any], state: Any, data: Any) -> tuple[Any, Any]:
    """The same on JAX, where ``step(state, batch)`` gives figures and the state after.

    Returns:
        The figures of the last step, and the state after it.
    """
    import jax

    def again(before: Any, batch: Any) -> Any:
        figures, after = step(before, batch)
        return after, figures

    state, figures = jax.lax.scan(again, state, data)
    return {name: values[-1] for name, values in figures.items()}, state


def _entry(data: Any, place: Any) -> Any:
    return keras.tree.map_structure(lambda array: array[place], data)

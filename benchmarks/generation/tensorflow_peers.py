"""The peers on TensorFlow: loops in one graph with and without XLA, Keras called per step."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.generation.network import (
    TEMPERATURE,
    VOCABULARY,
    Cell,
    Network,
    margins,
    sample_tokens,
    token_rows,
)
from benchmarks.generation.peers import PREDICTED
from benchmarks.timing import Peer

XLA_TUNED = "`tf.function` loop + XLA, tuned by hand"
XLA = "`tf.function` loop + XLA"
GRAPH = "`tf.function` loop"
GRAPH_TUNED = "`tf.function` loop, tuned by hand"
#: Steps of the Keras peers; the time is per token, so few steps are enough.
CALLED_STEPS, PREDICTED_STEPS = 20, 5


def limit_to_one_thread() -> None:
    """Limit TensorFlow to one thread; must be called before any other use of TensorFlow.

    Unlike training, this does not enable deterministic kernels, which can be slower.
    """
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


class LoopWeights:
    """The weights of a network as tensors for the loop.

    Args:
        network: The network.
        tuned: Whether to fold the half-angle identity into the kernels, as seqgen does, so that
            one ``tanh`` computes all gates. One product for recurrent kernel and readout together
            is slower under XLA.
    """

    def __init__(self, network: Network, tuned: bool) -> None:
        import tensorflow as tf

        rows, units = token_rows(network), network.units
        recurrent = network.weights["layer0.recurrent_kernel"]
        if tuned:
            columns = np.arange(4 * units).reshape(4, units)[[0, 1, 3, 2]].reshape(-1)
            half = np.repeat(np.array([0.5, 1.0], np.float32), [3 * units, units])
            rows, recurrent = rows[:, columns] * half, recurrent[:, columns] * half
        self.rows, self.recurrent = tf.constant(rows), tf.constant(recurrent)
        self.readout = tf.constant(network.weights["readout.kernel"])
        self.bias = tf.constant(network.weights["readout.bias"])
        self.triangle = tf.constant(np.triu(np.ones((VOCABULARY, VOCABULARY), np.float32)))
        self._units, self._tuned = units, tuned

    def cell(self, gates: Any, memory: Any) -> tuple[Any, Any]:
        """One LSTM step from the pre-activations of the gates: hidden state and memory."""
        import tensorflow as tf

        if self._tuned:
            into, forget, out, candidate = tf.split(tf.tanh(gates), 4, 1)
            into, forget, out = (0.5 * gate + 0.5 for gate in (into, forget, out))
        else:
            into, forget, candidate, out = tf.split(gates, 4, 1)
            into, forget, out = map(tf.sigmoid, (into, forget, out))
            candidate = tf.tanh(candidate)
        memory = forget * memory + into * candidate
        return out * tf.tanh(memory), memory

    def choose(self, logits: Any, uniforms: Any) -> Any:
        """Inverse CDF; if tuned, summed by a product with a triangular matrix, faster under XLA."""
        import tensorflow as tf

        wide = logits * np.float32(1 / TEMPERATURE)
        mass = tf.exp(wide - tf.reduce_max(wide, 1, keepdims=True))
        mass = mass @ self.triangle if self._tuned else tf.cumsum(mass, 1)
        passed = tf.cast(mass <= uniforms[:, None] * mass[:, -1:], tf.int32)
        return tf.minimum(tf.reduce_sum(passed, 1), VOCABULARY - 1)


def make_loop(cell: Cell, tuned: bool, xla: bool) -> Callable[[Any], Any]:
    """A compiled loop of fixed shapes, from uniforms ``(steps, batch)`` to tokens."""
    import tensorflow as tf

    weights, batch, units = LoopWeights(cell.network, tuned), cell.batch, cell.units

    def step(uniforms: Any, t: Any, token: Any, hidden: Any, memory: Any, drawn: Any) -> Any:
        gates = tf.gather(weights.rows, token) + hidden @ weights.recurrent
        hidden, memory = weights.cell(gates, memory)
        token = weights.choose(hidden @ weights.readout + weights.bias, uniforms[t])
        return t + 1, tf.ensure_shape(token, (batch,)), hidden, memory, drawn.write(t, token)

    def loop(uniforms: Any) -> Any:
        zeros = tf.zeros((batch, units))
        drawn = tf.TensorArray(tf.int32, cell.steps, element_shape=(batch,))
        result = tf.while_loop(
            lambda t, *_: t < cell.steps,
            partial(step, uniforms),
            (0, tf.fill((batch,), VOCABULARY), zeros, zeros, drawn),
            maximum_iterations=cell.steps,
        )
        return result[-1].stack()

    shapes = [tf.TensorSpec((cell.steps, batch), tf.float32)]
    compiled: Callable[[Any], Any] = tf.function(loop, jit_compile=xla, input_signature=shapes)
    return compiled


def loop_peer(cell: Cell, name: str, tuned: bool, xla: bool) -> tuple[Peer, NDArray[np.int64]]:
    """A compiled loop and the tokens ``(batch, steps)`` of its first call."""
    import tensorflow as tf

    loop = make_loop(cell, tuned, xla)
    uniforms = tf.constant(cell.uniforms.astype(np.float32))
    start = time.perf_counter()
    tokens = loop(uniforms).numpy()
    seconds = time.perf_counter() - start
    return Peer(name, lambda: loop(uniforms).numpy(), cell.tokens, seconds), tokens.T


def keras_model(network: Network) -> Any:
    """The same network as a ``KerasRNN``, which takes and returns the state."""
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    return KerasRNN.from_weights(network.config, network.shape, network.weights)


def keras_peer(cell: Cell, name: str, steps: int) -> tuple[Peer, NDArray[np.int64]]:
    """A Python loop around a Keras model, as in tutorials, and the tokens it sampled."""
    import tensorflow as tf

    model = keras_model(cell.network)
    step_network = model.step_network

    def call(inputs: list[Any]) -> Any:
        if name == PREDICTED:
            return step_network.predict(inputs, verbose=0, batch_size=cell.batch)
        return step_network([tf.convert_to_tensor(part) for part in inputs])

    def run() -> NDArray[np.int64]:
        token = np.full((cell.batch, 1), VOCABULARY, np.int32)
        state = list(model.initial_state(cell.batch))
        drawn = np.empty((cell.batch, steps), np.int64)
        for t in range(steps):
            logits, *state = call([token, *state])
            drawn[:, t] = sample_tokens(np.asarray(logits)[:, 0], cell.uniforms[t])
            token = drawn[:, t : t + 1].astype(np.int32)
        return drawn

    return Peer(name, run, cell.batch * steps), run()


def count_different_rows(cell: Cell, ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> str:
    """The number of rows that differ from seqgen's, and the maximum margin of their uniforms."""
    steps = theirs.shape[1]
    different = ours[:, :steps] != theirs
    rows = np.flatnonzero(different.any(axis=1))
    if not len(rows):
        return f"0 of {cell.batch}"
    positions = different[rows].argmax(axis=1).tolist()
    distances = margins(cell.network.model, ours[rows], cell.uniforms.T[rows], positions)
    return f"{len(rows)} of {cell.batch} ({max(distances):.0e})"

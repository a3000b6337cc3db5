"""The classic LSTM exercise: a loop over time steps that reuses three layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import keras
import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SeqgenError
from seqgen.models.keras_rnn.keras_rnn import KerasRNN
from seqgen.models.padded_batch import Batch

Floats = NDArray[np.float32]


@final
@keras.saving.register_keras_serializable(package="seqgen_djmodel")
class SelectStep(keras.layers.Layer):  # type: ignore[misc]
    """Step ``t`` of every sequence: ``(m, Tx, n_values)`` to ``(m, n_values)``.

    The exercise writes ``Lambda(lambda x: X[:, t, :])``. Keras refuses to load such a
    closure, and it reads ``X`` and ``t`` from the enclosing scope instead of its own input. A
    layer with a config has neither problem.

    Args:
        t: The step, from 0.
    """

    def __init__(self, t: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.t = t

    def call(self, x: Any) -> Any:
        return x[:, self.t, :]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "t": self.t}


@final
@keras.saving.register_keras_serializable(package="seqgen_djmodel")
class OneHotOfArgmax(keras.layers.Layer):  # type: ignore[misc]
    """The most probable value as a one-hot vector: ``(m, n_values)`` to ``(m, n_values)``.

    Ties resolve to the first value, as in the framework's greedy sampler.

    Args:
        n_values: Number of values.
    """

    def __init__(self, n_values: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n_values = n_values

    def call(self, out: Any) -> Any:
        return keras.ops.one_hot(keras.ops.argmax(out, axis=-1), self.n_values)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n_values": self.n_values}


@dataclass(frozen=True, slots=True)
class SharedLayers:
    """The three layers that every time step shares.

    Args:
        n_values: Number of values of a step.
        n_a: Width of the hidden state ``a`` and of the cell state ``c``.
        reshapor: ``(m, n_values)`` to ``(m, 1, n_values)``: one step as a sequence of length 1.
        LSTM_cell: The recurrent layer; returns the sequence of ``a``, the last ``a`` and ``c``.
        densor: ``a`` to the probabilities of the next value, ``(m, n_values)``.
    """

    n_values: int
    n_a: int
    reshapor: Any
    LSTM_cell: Any
    densor: Any


def shared_layers(rnn: KerasRNN) -> SharedLayers:
    """The layers of a framework model: the same objects, not copies.

    Raises:
        SeqgenError: If the model differs from the exercise: one LSTM layer, one-hot input, no
            context and no dropout.
    """
    config, shape = rnn.config, rnn.shape
    wanted = {"cell": "lstm", "layers": 1, "embedding": 0, "dropout": 0.0}
    for name, value in wanted.items():
        if getattr(config, name) != value:
            raise SeqgenError(
                f"the exercise needs {name} = {value!r}, was {getattr(config, name)!r}"
            )
    if shape.context_sizes:
        raise SeqgenError(f"the exercise has no context, was {len(shape.context_sizes)} columns")
    return SharedLayers(
        n_values=shape.vocabulary_size,
        n_a=config.units,
        reshapor=keras.layers.Reshape((1, shape.vocabulary_size), name="reshapor"),
        LSTM_cell=rnn.layers[0],
        # The framework's readout returns logits; the exercise's Dense applies softmax.
        densor=keras.Sequential([rnn.readout, keras.layers.Softmax(name="softmax")], name="densor"),
    )


def djmodel(layers: SharedLayers, Tx: int) -> keras.Model:
    """The training model: inputs ``[X, a0, c0]``, outputs ``Tx`` arrays ``(m, n_values)``.

    ``X`` has the shape ``(m, Tx, n_values)``; ``a0`` and ``c0`` have ``(m, n_a)``.
    """
    X = keras.Input((Tx, layers.n_values), name="X")
    a0 = keras.Input((layers.n_a,), name="a0")
    c0 = keras.Input((layers.n_a,), name="c0")
    a, c = a0, c0
    outputs = []
    for t in range(Tx):
        x = SelectStep(t, name=f"step{t}")(X)  # (m, n_values)
        x = layers.reshapor(x)  # (m, 1, n_values)
        _, a, c = layers.LSTM_cell(x, initial_state=[a, c])  # (m, n_a) each
        out = layers.densor(a)  # (m, n_values)
        # The same densor each time; fit reports the loss of each head under its name.
        outputs.append(keras.layers.Identity(name=f"head{t}")(out))
    return keras.Model([X, a0, c0], outputs, name="djmodel")


def compile_classic(model: keras.Model, optimizer: keras.Optimizer) -> None:
    """Set the exercise's loss: the cross-entropy of each head, summed over the heads."""
    model.compile(optimizer=optimizer, loss="categorical_crossentropy")
    # Otherwise fit creates the optimizer's variables inside its first trace and traces all steps
    # again, which doubles the time before the first epoch.
    optimizer.build(model.trainable_variables)


def stack_heads(model: keras.Model) -> keras.Model:
    """The training model with one output ``(m, Tx, n_values)`` in place of ``Tx`` heads.

    Its loss is the mean over the steps, the exercise's is the sum. With one output Keras keeps one
    loss and one metric instead of ``Tx``, which makes an epoch nearly three times as fast.
    """
    return keras.Model(model.inputs, keras.ops.stack(model.outputs, axis=1), name="djmodel")


def music_inference_model(layers: SharedLayers, Ty: int) -> keras.Model:
    """The generating model: inputs ``[x0, a0, c0]``, outputs ``Ty`` arrays ``(m, n_values)``.

    ``x0`` has the shape ``(m, 1, n_values)``. From the second step the input is the one-hot
    vector of the previous argmax.
    """
    x0 = keras.Input((1, layers.n_values), name="x0")
    a0 = keras.Input((layers.n_a,), name="a0")
    c0 = keras.Input((layers.n_a,), name="c0")
    feed_back = OneHotOfArgmax(layers.n_values, name="one_hot_of_argmax")
    x, a, c = x0, a0, c0
    outputs = []
    for _ in range(Ty):
        _, a, c = layers.LSTM_cell(x, initial_state=[a, c])  # (m, n_a) each
        out = layers.densor(a)  # (m, n_values)
        outputs.append(out)
        x = layers.reshapor(feed_back(out))  # (m, 1, n_values)
    return keras.Model([x0, a0, c0], outputs, name="music_inference_model")


def predict_and_sample(
    inference_model: keras.Model,
    x_initializer: Floats,
    a_initializer: Floats,
    c_initializer: Floats,
) -> tuple[NDArray[np.int64], Floats]:
    """Run the generating model on one row.

    Args:
        inference_model: The result of ``music_inference_model``.
        x_initializer: Input of the first step, shape ``(1, 1, n_values)``; all zero is the start.
        a_initializer: Shape ``(1, n_a)``.
        c_initializer: Shape ``(1, n_a)``.

    Returns:
        The indices, shape ``(Ty,)``, and their one-hot vectors, shape ``(Ty, n_values)``.
    """
    # Called directly: predict would first trace all Ty steps, which takes many seconds.
    pred = inference_model([x_initializer, a_initializer, c_initializer], training=False)
    probabilities = np.stack([keras.ops.convert_to_numpy(out)[0] for out in pred])
    indices = np.argmax(probabilities, axis=-1)
    results = keras.utils.to_categorical(indices, num_classes=x_initializer.shape[-1])
    return indices, results.astype(np.float32)


def exercise_arrays(batch: Batch, n_values: int) -> tuple[Floats, Floats]:
    """``X`` of shape ``(m, Tx, n_values)`` and ``Y`` of shape ``(Ty, m, n_values)``, ``Ty = Tx``.

    Step ``t`` reads token ``t - 1`` and predicts token ``t``, and step 0 reads zeros. The
    exercise differs at both ends of its windows. It sets step 0 of ``X`` to zero *in place of*
    the first token, so no step reads or predicts that token; here zero is the start of an item,
    before the first token. It also leaves the last row of ``Y`` zero, so its last head learns
    nothing (its loss is always 0.0000); here the last head of a full row has its token. Zero rows
    of ``Y`` occur only after the end of a shorter item, which excludes the step from the loss.

    Args:
        batch: Items padded to ``Tx`` steps; the start token is the id ``n_values``.
        n_values: The size of the vocabulary, including the end token.
    """
    eye = np.eye(n_values + 1, n_values, dtype=np.float32)  # the last row, the start: all zero
    Y = eye[batch.targets] * batch.weights[..., None]  # (m, Ty, n_values)
    return eye[batch.inputs], np.ascontiguousarray(Y.swapaxes(0, 1))

"""KerasRNN: the trainable half of ShareWeightRNN, Keras layers that all time steps share."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Self, final

import keras
import numpy as np
from numpy.typing import NDArray

from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.keras_rnn import recurrence
from seqgen.models.keras_rnn.layers import (
    InputProjection,
    LayerProjection,
    OneHotInput,
    TiedReadout,
    WholeSequence,
    input_bias,
    is_lstm,
    recurrent_bias,
)
from seqgen.models.keras_rnn.network import TokenNetwork
from seqgen.models.share_weight_rnn import ShareWeightRNN, check_weights

KerasState = tuple[Any, ...]


@final
class KerasRNN(ShareWeightRNN[KerasState]):
    """Layers made once and reused at every step.

    ``stepper`` is Keras' own layers with the state passed in and out; ``network`` reads whole
    sequences with the weights of those very layers, by quicker arithmetic and with the
    regularisers, and is what ``fit`` trains. Both take the inputs as a list: tokens ``(B, T)``,
    then the context ``(B, T, C)`` where the model has one.

    Args:
        config: The shape of the model.
        shape: The vocabulary size and the context columns.
        seed: Seeds the initial weights and the dropout masks.
    """

    def __init__(self, config: ModelConfig, shape: ModelShape, seed: int = 0) -> None:
        self.config, self.shape = config, shape
        # Four seeds a layer, four more for the input and the readout; Keras takes 31 bits.
        drawn = np.random.SeedSequence(seed).generate_state(4 * config.layers + 4) >> 1
        seeds = iter(drawn.tolist())
        self.token_input = self._make_token_input(next(seeds))
        self.context_input = OneHotInput(shape.context_sizes) if shape.context_sizes else None
        self.cells = [self._make_cell(layer, seeds) for layer in range(config.layers)]
        self.drops = [
            keras.layers.SpatialDropout1D(config.dropout, seed=next(seeds))
            for _ in range(config.layers)
        ]
        self._mask_seeds = list(seeds)
        self.readout = self._make_readout(self._mask_seeds.pop())
        self.network, self.stepper = self._make_networks()

    @classmethod
    def from_weights(
        cls, config: ModelConfig, shape: ModelShape, weights: Mapping[str, NDArray[np.float32]]
    ) -> Self:
        """A model with the given weights.

        Raises:
            ModelFileError: If a weight is missing or of another shape.
        """
        model = cls(config, shape)
        model.set_weights(weights)
        return model

    def _make_token_input(self, seed: int) -> keras.layers.Layer:
        if not self.config.embedding:
            return OneHotInput((self.shape.vocabulary_size,))
        layer = keras.layers.Embedding(
            self.shape.vocabulary_size + 1,
            self.config.embedding,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1, seed=seed),
        )
        layer.build()
        return layer

    def _make_readout(self, seed: int) -> keras.layers.Layer:
        if self.config.tied:
            return TiedReadout(self.token_input, self.config.units, seed)
        return keras.layers.Dense(
            self.shape.vocabulary_size,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            name="readout",
        )

    def _make_cell(self, layer: int, seeds: Any) -> keras.layers.Layer:
        kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[self.config.cell]
        return kind(
            self.config.units,
            return_sequences=True,
            return_state=True,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)),
            name=f"layer{layer}",
        )

    def _make_networks(self) -> tuple[TokenNetwork, keras.Model]:
        tokens = keras.Input((None,), dtype="int32", name="tokens")
        inputs = [tokens]
        if self.context_input is not None:
            columns = len(self.shape.context_sizes)
            inputs.append(keras.Input((None, columns), dtype="int32", name="context"))
        states = [
            keras.Input((self.config.units,), name=f"state{i}") for i in range(self._state_count)
        ]
        stepped, after = self._step_layers(inputs, states)
        stepper = keras.Model([*inputs, *states], [stepped, *after], name="stepper")
        network = TokenNetwork(inputs, self._read_whole(inputs), name="share_weight_rnn")
        return network, stepper

    @property
    def _state_count(self) -> int:
        return self.config.layers * (2 if self.config.cell == "lstm" else 1)

    def _step_layers(self, inputs: list[Any], states: list[Any]) -> tuple[Any, list[Any]]:
        """Keras' own layers: inputs to logits ``(B, T, V)`` and the states after."""
        tokens = inputs[0]
        if not self.config.embedding:
            tokens = keras.ops.expand_dims(tokens, -1)
        x = self.token_input(tokens)  # (B, T, V or E)
        if self.context_input is not None:
            x = keras.ops.concatenate([x, self.context_input(inputs[1])], axis=-1)
        per_cell = self._state_count // self.config.layers
        after: list[Any] = []
        for layer, cell in enumerate(self.cells):
            start = states[layer * per_cell : (layer + 1) * per_cell]
            x, *state = cell(x, initial_state=start)  # (B, T, units)
            after.extend(state)
        return self.readout(x), after  # (B, T, V)

    def _read_whole(self, inputs: list[Any]) -> Any:
        """Whole sequences from the zero state: inputs to logits ``(B, T, V)``."""
        config, shape = self.config, self.shape
        self.projection = InputProjection(
            self.cells[0],
            self.token_input if config.embedding else None,
            shape.vocabulary_size,
            shape.context_sizes,
            config.input_dropout,
            config.embedding_dropout,
            self._mask_seeds[0],
        )
        x = self.projection(inputs)
        for layer, cell in enumerate(self.cells):
            if layer:
                x = LayerProjection(cell)(x)
            x = WholeSequence(cell, config.weight_drop, self._mask_seeds[layer + 1])(x)
            x = self.drops[layer](x)
        return self.readout(x)

    def _named_variables(self) -> dict[str, Any]:
        named = {}
        if self.config.embedding:
            named["embedding"] = self.token_input.embeddings
        for layer, cell in enumerate(self.cells):
            for name in ("kernel", "recurrent_kernel", "bias"):
                named[f"layer{layer}.{name}"] = getattr(cell.cell, name)
        if not self.config.tied:
            named["readout.kernel"] = self.readout.kernel
        elif self.readout.projection is not None:
            named["readout.projection"] = self.readout.projection
        named["readout.bias"] = self.readout.bias
        return named

    @property
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        # A copy: training goes on to change the variables in place.
        return {
            name: np.array(keras.ops.convert_to_numpy(variable), dtype=np.float32)
            for name, variable in self._named_variables().items()
        }

    def set_weights(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over named weights.

        Raises:
            ModelFileError: If a weight is missing or of another shape.
        """
        check_weights(self.config, self.shape, weights)
        for name, variable in self._named_variables().items():
            variable.assign(weights[name])

    def initial_state(self, batch: int) -> KerasState:
        return tuple(
            np.zeros((batch, self.config.units), np.float32) for _ in range(self._state_count)
        )

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: KerasState
    ) -> tuple[NDArray[np.float32], KerasState]:
        columns = None if context is None else context[:, None, :]
        inputs = [*self.inputs(tokens[:, None], columns), *map(keras.ops.convert_to_tensor, state)]
        logits, *after = self.stepper(inputs, training=False)
        # On PyTorch the state would keep all that it was computed from, step behind step.
        kept = tuple(map(keras.ops.stop_gradient, after))
        return keras.ops.convert_to_numpy(logits)[:, 0], kept

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        logits = self.network(self.inputs(tokens, context), training=False)
        return np.asarray(keras.ops.convert_to_numpy(logits))

    def inputs(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> list[Any]:
        """The input list of ``network`` from arrays ``(B, T)`` and ``(B, T, C)``."""
        arrays = [tokens] if self.context_input is None else [tokens, context]
        return [keras.ops.convert_to_tensor(array, dtype="int32") for array in arrays]

    def select(self, state: KerasState, rows: NDArray[Any]) -> KerasState:
        return tuple(keras.ops.convert_to_numpy(part)[rows] for part in state)

    def draw(
        self, uniforms: NDArray[Any], temperature: float = 1.0
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Draw tokens for a whole batch in one compiled loop, for GPUs and for large batches.

        The noise is data, so the tokens are those that the step-by-step generation draws from
        the same uniforms, but for rounding. A row goes on after its end token; what comes
        behind that means nothing. Only for models without context, and without a guide.

        Args:
            uniforms: One for each step and row, shape ``(T, B)``, each in ``[0, 1)``.
            temperature: Above 0.

        Returns:
            Token ids and their log-probabilities at that temperature, both ``(T, B)``.
        """
        assert self.context_input is None, "a model with context needs a guide at every step"
        noise = keras.ops.convert_to_tensor(uniforms, dtype="float32")
        factor = keras.ops.convert_to_tensor(1.0 / temperature, dtype="float32")
        tokens, logp = self._compiled_loop(noise, factor)
        return (
            keras.ops.convert_to_numpy(tokens).astype(np.int64),
            keras.ops.convert_to_numpy(logp).astype(np.float64),
        )

    @functools.cached_property
    def _compiled_loop(self) -> Any:
        """``_loop`` as the backend compiles it; once for each shape of the uniforms."""
        backend = keras.backend.backend()
        if backend == "tensorflow":
            import tensorflow

            return tensorflow.function(self._loop, jit_compile=True, autograph=False)
        if backend == "jax":
            import jax

            return jax.jit(self._loop)
        if backend == "torch":
            import torch

            return torch.no_grad()(self._loop)
        return self._loop

    def _loop(self, noise: Any, factor: Any) -> tuple[Any, Any]:
        ops, (steps, rows) = keras.ops, noise.shape
        start = ops.full((rows,), self.shape.vocabulary_size, dtype="int32")
        states = [ops.zeros((rows, self.config.units)) for _ in range(self._state_count)]
        token_rows = self.projection.rows()

        def body(t: Any, drawn: Any, logps: Any, last: Any, *before: Any) -> Any:
            logits, after = self._step_cells(ops.take(token_rows, last, axis=0), before)
            logits = logits * factor
            sums = ops.cumsum(ops.exp(logits - ops.max(logits, axis=-1, keepdims=True)), axis=-1)
            below = ops.take(noise, t, axis=0) * sums[:, -1]
            passed = ops.sum(ops.cast(sums <= below[:, None], "int32"), axis=-1)
            tokens = ops.minimum(passed, self.shape.vocabulary_size - 1)
            logp = ops.take_along_axis(ops.log_softmax(logits), tokens[:, None], axis=-1)[:, 0]
            drawn = ops.slice_update(drawn, (t, 0), tokens[None])
            return t + 1, drawn, ops.slice_update(logps, (t, 0), logp[None]), tokens, *after

        empty = (ops.zeros((steps, rows), dtype="int32"), ops.zeros((steps, rows)))
        first = ops.convert_to_tensor(0, dtype="int32")
        result = ops.while_loop(
            lambda t, *_: t < steps, body, (first, *empty, start, *states), maximum_iterations=steps
        )
        return result[1], result[2]

    def _step_cells(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step of all layers: what the token adds to the first, to logits ``(B, V)``."""
        per_cell = self._state_count // self.config.layers
        after: list[Any] = []
        for layer, cell in enumerate(self.cells):
            if layer:
                x = keras.ops.matmul(x, cell.cell.kernel) + input_bias(cell)
            own = states[layer * per_cell : (layer + 1) * per_cell]
            kernel = keras.ops.convert_to_tensor(cell.cell.recurrent_kernel)
            if is_lstm(cell):
                after.extend(recurrence.lstm_step(x, kernel, *own))
            else:
                after.append(recurrence.gru_step(x, kernel, recurrent_bias(cell), *own))
            x = after[layer * per_cell]
        return self.readout(x), after

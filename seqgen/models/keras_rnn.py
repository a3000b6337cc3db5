"""KerasRNN: the trainable half of ShareWeightRNN, Keras layers that all time steps share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, final

import keras
import numpy as np
from numpy.typing import NDArray

from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.share_weight_rnn import ShareWeightRNN, check_weights

KerasState = tuple[Any, ...]


@final
@keras.saving.register_keras_serializable(package="seqgen")
class OneHotInput(keras.layers.Layer):  # type: ignore[misc]
    """Integer columns as one-hot vectors side by side; a value past a column's size is all zero.

    Args:
        sizes: How many values each column has.

    Call arguments:
        columns: Integers of shape ``(B, T, len(sizes))``.

    Returns:
        Float32 of shape ``(B, T, sum(sizes))``.
    """

    def __init__(self, sizes: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sizes = tuple(sizes)

    def call(self, columns: Any) -> Any:
        # One class more than the column has, cut off again: the start token becomes zeros on
        # every backend, without relying on what one_hot does with values out of range.
        parts = [
            keras.ops.one_hot(columns[..., c], size + 1)[..., :size]
            for c, size in enumerate(self.sizes)
        ]
        return keras.ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sizes": list(self.sizes)}


@final
class KerasRNN(ShareWeightRNN[KerasState]):
    """Layers made once and reused at every step.

    ``network`` reads whole sequences and is what ``fit`` trains; ``stepper`` is the same
    layers with the state passed in and out. Both take the inputs as a list: tokens
    ``(B, T)``, then the context ``(B, T, C)`` where the model has one.

    Args:
        config: The shape of the model.
        shape: The vocabulary size and the context columns.
        seed: Seeds the initial weights and the dropout masks.
    """

    def __init__(self, config: ModelConfig, shape: ModelShape, seed: int = 0) -> None:
        self.config, self.shape = config, shape
        # Three seeds a layer, three more for the input and the readout; Keras takes 31 bits.
        drawn = np.random.SeedSequence(seed).generate_state(3 * config.layers + 3) >> 1
        seeds = iter(drawn.tolist())
        self.token_input = self._make_token_input(seeds)
        self.context_input = OneHotInput(shape.context_sizes) if shape.context_sizes else None
        self.cells = [self._make_cell(layer, seeds) for layer in range(config.layers)]
        self.drops = [
            keras.layers.Dropout(config.dropout, seed=next(seeds)) for _ in range(config.layers)
        ]
        self.readout = keras.layers.Dense(
            shape.vocabulary_size,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            name="readout",
        )
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

    def _make_token_input(self, seeds: Any) -> keras.layers.Layer:
        if not self.config.embedding:
            return OneHotInput((self.shape.vocabulary_size,))
        return keras.layers.Embedding(
            self.shape.vocabulary_size + 1,
            self.config.embedding,
            embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1, seed=next(seeds)),
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

    def _make_networks(self) -> tuple[keras.Model, keras.Model]:
        tokens = keras.Input((None,), dtype="int32", name="tokens")
        inputs = [tokens]
        if self.context_input is not None:
            columns = len(self.shape.context_sizes)
            inputs.append(keras.Input((None, columns), dtype="int32", name="context"))
        states = [
            keras.Input((self.config.units,), name=f"state{i}") for i in range(self._state_count)
        ]
        logits, _ = self._apply(inputs, None)
        stepped, after = self._apply(inputs, states)
        network = keras.Model(inputs, logits, name="share_weight_rnn")
        stepper = keras.Model([*inputs, *states], [stepped, *after], name="stepper")
        return network, stepper

    @property
    def _state_count(self) -> int:
        return self.config.layers * (2 if self.config.cell == "lstm" else 1)

    def _apply(self, inputs: list[Any], states: list[Any] | None) -> tuple[Any, list[Any]]:
        """The whole model once: inputs to logits ``(B, T, V)`` and the states after."""
        tokens = inputs[0]
        if not self.config.embedding:
            tokens = keras.ops.expand_dims(tokens, -1)
        x = self.token_input(tokens)  # (B, T, V or E)
        if self.context_input is not None:
            x = keras.ops.concatenate([x, self.context_input(inputs[1])], axis=-1)
        per_cell = self._state_count // self.config.layers
        after: list[Any] = []
        for layer, cell in enumerate(self.cells):
            start = states[layer * per_cell : (layer + 1) * per_cell] if states else None
            x, *state = cell(x, initial_state=start)  # (B, T, units)
            x = self.drops[layer](x)
            after.extend(state)
        return self.readout(x), after  # (B, T, V)

    def _named_variables(self) -> dict[str, Any]:
        named = {}
        if self.config.embedding:
            named["embedding"] = self.token_input.embeddings
        for layer, cell in enumerate(self.cells):
            for name in ("kernel", "recurrent_kernel", "bias"):
                named[f"layer{layer}.{name}"] = getattr(cell.cell, name)
        named["readout.kernel"] = self.readout.kernel
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
        return keras.ops.convert_to_numpy(logits)[:, 0], tuple(after)

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        logits = self.network(self.inputs(tokens, context), training=False)
        return np.asarray(keras.ops.convert_to_numpy(logits))

    def inputs(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> list[Any]:
        """The input list of ``network`` from arrays ``(B, T)`` and ``(B, T, C)``."""
        arrays = [tokens] if self.context_input is None else [tokens, context]
        return [keras.ops.convert_to_tensor(array, dtype="int32") for array in arrays]

    def select(self, state: KerasState, rows: NDArray[Any]) -> KerasState:
        return tuple(keras.ops.convert_to_numpy(part)[rows] for part in state)

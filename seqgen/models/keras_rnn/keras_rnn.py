"""KerasRNN: the training half of ShareWeightRNN. Keras layers, made once, used at every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self, final

import keras
import numpy as np
from numpy.typing import NDArray

from seqgen.models.cells.builtin_cells import find_cell
from seqgen.models.cells.cell import Cell
from seqgen.models.keras_rnn.keras_cell import KerasCell
from seqgen.models.keras_rnn.training_layers import (
    InputProjection,
    LayerProjection,
    OneHotInput,
    Recurrence,
    TiedReadout,
)
from seqgen.models.keras_rnn.training_network import TokenNetwork
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig, ShareWeightRNN, check_weights

KerasState = tuple[Any, ...]


@final
class KerasRNN(ShareWeightRNN[KerasState]):
    """Keras layers that are made once and used at every step, by two networks.

    - ``token_input``, ``context_input``, ``layers`` and ``readout`` own all weights.
    - ``step_network`` calls these layers with the state as input and output: the definition.
    - ``network`` computes the same for complete sequences, faster and with the regularisers,
      from the weights of these layers. ``fit`` trains it.

    Both networks take their inputs as a list: tokens ``(B, T)``, then the context ``(B, T, C)`` if
    the model has one.

    Args:
        config: The architecture of the model.
        shape: The vocabulary size and the context columns.
        seed: Seeds the initial weights and the dropout masks.
        cell: A cell that no plugin provides; None for the one that the configuration names.

    Raises:
        PluginError: There is no cell of the configured name.
    """

    def __init__(
        self, config: ModelConfig, shape: ModelShape, seed: int = 0, cell: Cell | None = None
    ) -> None:
        self.config, self.shape, self.cell = config, shape, cell or find_cell(config.cell)
        # Four seeds per layer, four more for the input and the readout; Keras takes 31 bits.
        drawn = np.random.SeedSequence(seed).generate_state(4 * config.layers + 4) >> 1
        seeds = iter(drawn.tolist())
        self.token_input = self._make_token_input(next(seeds))
        self.context_input = OneHotInput(shape.context_sizes) if shape.context_sizes else None
        self.layers = [self._make_layer(number, seeds) for number in range(config.layers)]
        self.dropouts = [
            keras.layers.SpatialDropout1D(config.dropout, seed=next(seeds)) for _ in self.layers
        ]
        *mask_seeds, readout_seed = seeds
        self.readout = self._make_readout(readout_seed)
        self.network, self.step_network = self._make_networks(mask_seeds)

    @classmethod
    def from_weights(
        cls,
        config: ModelConfig,
        shape: ModelShape,
        weights: Mapping[str, NDArray[np.float32]],
        cell: Cell | None = None,
    ) -> Self:
        """A model with these weights.

        Raises:
            ModelFileError: A weight is missing or has another shape.
        """
        model = cls(config, shape, cell=cell)
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

    def _make_layer(self, number: int, seeds: Iterator[int]) -> keras.layers.Layer:
        kind, units = self.cell.keras_layer(), self.config.units
        options = {"return_sequences": True, "return_state": True, "name": f"layer{number}"}
        if kind is None:
            own = KerasCell(self.cell, units, next(seeds), next(seeds))
            return keras.layers.RNN(own, **options)
        return kind(
            units,
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)),
            **options,
        )

    def _make_readout(self, seed: int) -> keras.layers.Layer:
        if self.config.tied:
            return TiedReadout(self.token_input, self.config.units, seed)
        return keras.layers.Dense(
            self.shape.vocabulary_size,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            name="readout",
        )

    def _make_networks(self, mask_seeds: list[int]) -> tuple[TokenNetwork, keras.Model]:
        inputs = [keras.Input((None,), dtype="int32", name="tokens")]
        if self.context_input is not None:
            columns = len(self.shape.context_sizes)
            inputs.append(keras.Input((None, columns), dtype="int32", name="context"))
        states = [
            keras.Input((self.config.units,), name=f"state{k}")
            for k in range(len(self.layers) * len(self.cell.state))
        ]
        logits, after = self._call_steps(inputs, states)
        step_network = keras.Model([*inputs, *states], [logits, *after], name="stepper")
        logits = self._call_sequence(inputs, mask_seeds)
        return TokenNetwork(inputs, logits, name="share_weight_rnn"), step_network

    def _call_steps(self, inputs: list[Any], states: list[Any]) -> tuple[Any, list[Any]]:
        """The layers themselves: inputs and states to logits ``(B, T, V)`` and new states."""
        tokens = inputs[0] if self.config.embedding else keras.ops.expand_dims(inputs[0], -1)
        x = self.token_input(tokens)  # (B, T, V or E)
        if self.context_input is not None:
            x = keras.ops.concatenate([x, self.context_input(inputs[1])], axis=-1)
        count = len(self.cell.state)
        after: list[Any] = []
        for number, layer in enumerate(self.layers):
            x, *state = layer(x, initial_state=states[number * count : (number + 1) * count])
            after.extend(state)  # x is (B, T, units)
        return self.readout(x), after

    def _call_sequence(self, inputs: list[Any], mask_seeds: list[int]) -> Any:
        """The same weights on complete sequences from the zero state, to logits ``(B, T, V)``."""
        config, shape = self.config, self.shape
        x = InputProjection(
            self.layers[0],
            self.token_input if config.embedding else None,
            shape.vocabulary_size,
            shape.context_sizes,
            config.input_dropout,
            config.embedding_dropout,
            mask_seeds[0],
        )(inputs)
        for number, layer in enumerate(self.layers):
            if number:
                x = LayerProjection(layer)(x)
            x = Recurrence(layer, self.cell, config.weight_drop, mask_seeds[number + 1])(x)
            x = self.dropouts[number](x)
        return self.readout(x)

    def _variables(self) -> dict[str, Any]:
        """The Keras variables by the names of ``weight_shapes``."""
        named = {}
        if self.config.embedding:
            named["embedding"] = self.token_input.embeddings
        for number, layer in enumerate(self.layers):
            for name in self.cell.weight_shapes(1, self.config.units):
                named[f"layer{number}.{name}"] = getattr(layer.cell, name)
        if not self.config.tied:
            named["readout.kernel"] = self.readout.kernel
        elif self.readout.projection is not None:
            named["readout.projection"] = self.readout.projection
        named["readout.bias"] = self.readout.bias
        return named

    @property
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        # A copy, because training changes the variables in place.
        return {
            name: np.array(keras.ops.convert_to_numpy(variable), dtype=np.float32)
            for name, variable in self._variables().items()
        }

    def set_weights(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Assign named weights.

        Raises:
            ModelFileError: A weight is missing or has another shape.
        """
        check_weights(self.config, self.shape, weights, self.cell)
        for name, variable in self._variables().items():
            variable.assign(weights[name])

    def initial_state(self, batch: int) -> KerasState:
        count = len(self.layers) * len(self.cell.state)
        return tuple(np.zeros((batch, self.config.units), np.float32) for _ in range(count))

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: KerasState
    ) -> tuple[NDArray[np.float32], KerasState]:
        columns = None if context is None else context[:, None, :]
        inputs = [*self.inputs(tokens[:, None], columns), *map(keras.ops.convert_to_tensor, state)]
        logits, *after = self.step_network(inputs, training=False)
        # On PyTorch the state would otherwise keep the graph of all steps before it.
        detached = tuple(map(keras.ops.stop_gradient, after))
        return keras.ops.convert_to_numpy(logits)[:, 0], detached

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        logits = self.network(self.inputs(tokens, context), training=False)
        return np.asarray(keras.ops.convert_to_numpy(logits))

    def inputs(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> list[Any]:
        """The input list of both networks from arrays ``(B, T)`` and ``(B, T, C)``."""
        arrays = [tokens] if self.context_input is None else [tokens, context]
        return [keras.ops.convert_to_tensor(array, dtype="int32") for array in arrays]

    def select(self, state: KerasState, rows: NDArray[Any]) -> KerasState:
        return tuple(keras.ops.convert_to_numpy(part)[rows] for part in state)

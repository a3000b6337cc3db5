"""The layers that read whole sequences in training, around the cells that stepping shares.

They own no weights but a tied readout's: they read those of the Keras cells and of the embedding.
What does not depend on the state is computed for all steps at once, and the regularisers stand
here, as stepping has none.
"""

from __future__ import annotations

from typing import Any, final

import keras
from keras import ops

from seqgen.models.keras_rnn import recurrence


@final
class InputProjection(keras.layers.Layer):  # type: ignore[misc]
    """What the inputs add to the gates of the first layer, for all steps, ``(T, B, gates)``.

    A token adds one row, the same wherever it stands: the rows of all symbols are computed once
    a batch and picked by token, which costs far less than a product at every step.

    Sources: dropping whole symbols once a batch, S. Merity et al., arXiv 1708.02182, section
    4.3; one mask a row for all steps, Y. Gal and Z. Ghahramani, arXiv 1512.05287.

    Args:
        cell: The recurrent layer, built; owns the kernel and the bias.
        embedding: The embedding layer, built; None for one-hot input.
        size: ``V``; id ``V`` stands for the start.
        context_sizes: Values of each context column.
        input_dropout: Share of the input's features to drop, one mask a row.
        embedding_dropout: Share of the symbols that are not read, drawn once a batch.
        seed: Seeds both.
    """

    def __init__(
        self,
        cell: keras.layers.Layer,
        embedding: keras.layers.Layer | None,
        size: int,
        context_sizes: tuple[int, ...],
        input_dropout: float,
        embedding_dropout: float,
        seed: int,
    ) -> None:
        super().__init__(name="input_projection")
        self.cell, self.embedding = cell, embedding
        self.size, self.context_sizes = size, context_sizes
        self.input_dropout, self.embedding_dropout = input_dropout, embedding_dropout
        self.seeds = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs: list[Any], training: bool = False) -> Any:
        # Tokens are turned to steps first, as turning what they add would cost many times more.
        tokens = ops.transpose(inputs[0])
        symbols = self._symbols(training)  # (V + 1, E), or (V + 1, 1) for one-hot input
        if training and self.input_dropout and self.embedding is not None:
            read = ops.take(symbols, tokens, axis=0)  # (T, B, E)
            read = read * self._mask((ops.shape(tokens)[1], symbols.shape[-1]), self.input_dropout)
            projected = ops.matmul(read, self._kernel(0, symbols.shape[-1])) + self._bias()
        elif training and self.input_dropout:
            mask = self._mask((ops.shape(tokens)[1], self.size + 1), self.input_dropout)
            kept = ops.transpose(ops.take_along_axis(mask, inputs[0], axis=1))
            projected = ops.take(self._rows(symbols), tokens, axis=0) * kept[..., None]
            projected = projected + self._bias()
        else:
            projected = ops.take(self._rows(symbols) + self._bias(), tokens, axis=0)
        if len(inputs) == 1:
            return projected
        return projected + self._context_rows(ops.transpose(inputs[1], (1, 0, 2)))

    def compute_output_shape(self, shapes: list[tuple[Any, ...]]) -> tuple[Any, ...]:
        rows, steps = shapes[0]
        return (steps, rows, self.cell.cell.kernel.shape[-1])

    def rows(self) -> Any:
        """What each token adds, bias included, ``(V + 1, gates)``; nothing dropped."""
        return self._rows(self._symbols(training=False)) + self._bias()

    def _symbols(self, training: bool) -> Any:
        if self.embedding is not None:
            symbols = ops.convert_to_tensor(self.embedding.embeddings)
        else:
            symbols = ops.ones((self.size + 1, 1))
        if training and self.embedding_dropout:
            symbols = symbols * self._mask((self.size + 1, 1), self.embedding_dropout)
        return symbols

    def _rows(self, symbols: Any) -> Any:
        if self.embedding is not None:
            return ops.matmul(symbols, self._kernel(0, symbols.shape[-1]))
        return symbols * ops.pad(self._kernel(0, self.size), ((0, 1), (0, 0)))

    def _context_rows(self, context: Any) -> Any:
        """Sum of one kernel row a column; a value past a column's size adds nothing."""
        at = self.size if self.embedding is None else self.embedding.output_dim
        total: Any = 0.0
        for column, values in enumerate(self.context_sizes):
            rows = ops.pad(self._kernel(at, at + values), ((0, 1), (0, 0)))
            total = total + ops.take(rows, ops.minimum(context[..., column], values), axis=0)
            at += values
        return total

    def _kernel(self, start: int, stop: int) -> Any:
        return ops.convert_to_tensor(self.cell.cell.kernel)[start:stop]

    def _bias(self) -> Any:
        return input_bias(self.cell)

    def _mask(self, shape: tuple[Any, ...], rate: float) -> Any:
        return keras.random.dropout(ops.ones(shape), rate, seed=self.seeds)


@final
class WholeSequence(keras.layers.Layer):  # type: ignore[misc]
    """A recurrent layer over whole sequences, with weight-drop.

    Source: DropConnect on the recurrent kernel once a batch, S. Merity et al., arXiv
    1708.02182, section 2.

    Args:
        cell: The Keras LSTM or GRU layer, built; owns the weights.
        weight_drop: Share of the recurrent weights to drop.
        seed: Seeds the masks.
    """

    def __init__(self, cell: keras.layers.Layer, weight_drop: float, seed: int) -> None:
        super().__init__(name=f"{cell.name}_sequence")
        self.cell, self.weight_drop = cell, weight_drop
        self.seeds = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, projected: Any, training: bool = False) -> Any:
        # From steps first, (T, B, gates), to rows first, (B, T, U).
        kernel = ops.convert_to_tensor(self.cell.cell.recurrent_kernel)
        if training and self.weight_drop:
            kernel = keras.random.dropout(kernel, self.weight_drop, seed=self.seeds)
        zero = ops.zeros((ops.shape(projected)[1], self.cell.units))
        if is_lstm(self.cell):
            return recurrence.lstm(projected, kernel, zero, zero)
        return recurrence.gru(projected, kernel, recurrent_bias(self.cell), zero)

    def compute_output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return (shape[1], shape[0], self.cell.units)


@final
class LayerProjection(keras.layers.Layer):  # type: ignore[misc]
    """What the layer below adds to the gates of a layer, for all steps, ``(T, B, gates)``.

    Args:
        cell: The Keras LSTM or GRU layer, built; owns the weights.
    """

    def __init__(self, cell: keras.layers.Layer) -> None:
        super().__init__(name=f"{cell.name}_projection")
        self.cell, self.built = cell, True

    def call(self, x: Any) -> Any:
        by_step = ops.transpose(x, (1, 0, 2))
        return ops.matmul(by_step, self.cell.cell.kernel) + input_bias(self.cell)


@final
class TiedReadout(keras.layers.Layer):  # type: ignore[misc]
    """Logits as products with the embedding's rows, after a projection where widths differ.

    Source: O. Press and L. Wolf, arXiv 1608.05859; H. Inan et al., arXiv 1611.01462.

    Args:
        embedding: The embedding layer, built; its last row, the start, is never predicted.
        units: Width of what is read off.
        seed: Seeds the projection.
    """

    def __init__(self, embedding: keras.layers.Layer, units: int, seed: int) -> None:
        super().__init__(name="readout")
        self.embedding, self.size = embedding, embedding.input_dim - 1
        self.bias = self.add_weight(shape=(self.size,), initializer="zeros", name="bias")
        self.projection = None
        if units != embedding.output_dim:
            self.projection = self.add_weight(
                shape=(units, embedding.output_dim),
                initializer=keras.initializers.GlorotUniform(seed=seed),
                name="projection",
            )
        self.built = True

    def call(self, x: Any) -> Any:
        if self.projection is not None:
            x = ops.matmul(x, self.projection)
        rows = ops.convert_to_tensor(self.embedding.embeddings)[: self.size]
        return ops.matmul(x, ops.transpose(rows)) + self.bias


def is_lstm(cell: keras.layers.Layer) -> bool:
    """Whether a recurrent layer is an LSTM; a GRU otherwise."""
    return isinstance(cell, keras.layers.LSTM)


def input_bias(cell: keras.layers.Layer) -> Any:
    """The bias of the inputs' share of the gates; a GRU has another for the state's."""
    bias = ops.convert_to_tensor(cell.cell.bias)
    return bias if is_lstm(cell) else bias[0]


def recurrent_bias(cell: keras.layers.Layer) -> Any:
    """The bias of the state's share of a GRU's gates."""
    return ops.convert_to_tensor(cell.cell.bias)[1]


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

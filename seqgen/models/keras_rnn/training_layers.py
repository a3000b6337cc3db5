"""The layers of the training network: complete sequences, with the regularisers.

They read the weights of the layers that ``KerasRNN`` made once; only a tied readout has weights of
its own. What does not depend on the state is computed for all steps at once.
"""

from __future__ import annotations

from typing import Any, final

import keras
from keras import ops

from seqgen.models.cells.cell import Cell


@final
class InputProjection(keras.layers.Layer):  # type: ignore[misc]
    """The inputs' terms of the gates of the first layer, for all steps, ``(T, B, gates)``.

    A token adds the same row at every position: the rows of all symbols are computed once per
    batch and looked up by token, which is far cheaper than a product at every step.

    Sources: dropping entire symbols once per batch, S. Merity et al., arXiv 1708.02182, section
    4.3; one mask per row for all steps, Y. Gal and Z. Ghahramani, arXiv 1512.05287.

    Args:
        layer: The recurrent layer, built; owns the kernel and the bias.
        embedding: The embedding layer, built; None for one-hot input.
        size: ``V``; id ``V`` is the start token.
        context_sizes: The number of values of each context column.
        input_dropout: Dropout rate of the input's features, one mask per row.
        embedding_dropout: Dropout rate of the symbols, one mask per batch.
        seed: Seeds both.
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        embedding: keras.layers.Layer | None,
        size: int,
        context_sizes: tuple[int, ...],
        input_dropout: float,
        embedding_dropout: float,
        seed: int,
    ) -> None:
        super().__init__(name="input_projection")
        self.layer, self.embedding = layer, embedding
        self.size, self.context_sizes = size, context_sizes
        self.input_dropout, self.embedding_dropout = input_dropout, embedding_dropout
        self.seeds = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs: list[Any], training: bool = False) -> Any:
        # Transposing the tokens is many times cheaper than transposing their rows.
        tokens, bias = ops.transpose(inputs[0]), input_bias(self.layer)
        symbols = self._symbols(training)  # (V + 1, E), or (V + 1, 1) for one-hot input
        if training and self.input_dropout and self.embedding is not None:
            read = ops.take(symbols, tokens, axis=0)  # (T, B, E)
            read = read * self._mask((ops.shape(tokens)[1], symbols.shape[-1]), self.input_dropout)
            projected = ops.matmul(read, self._kernel(0, symbols.shape[-1])) + bias
        elif training and self.input_dropout:
            mask = self._mask((ops.shape(tokens)[1], self.size + 1), self.input_dropout)
            kept = ops.transpose(ops.take_along_axis(mask, inputs[0], axis=1))
            projected = ops.take(self._rows(symbols), tokens, axis=0) * kept[..., None]
            projected = projected + bias
        else:
            projected = ops.take(self._rows(symbols) + bias, tokens, axis=0)
        if len(inputs) == 1:
            return projected
        return projected + self._context_rows(ops.transpose(inputs[1], (1, 0, 2)))

    def compute_output_shape(self, shapes: list[tuple[Any, ...]]) -> tuple[Any, ...]:
        rows, steps = shapes[0]
        return (steps, rows, self.layer.cell.kernel.shape[-1])

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
        """The sum of one kernel row per column; a value beyond a column's size adds nothing."""
        at = self.size if self.embedding is None else self.embedding.output_dim
        total: Any = 0.0
        for column, values in enumerate(self.context_sizes):
            rows = ops.pad(self._kernel(at, at + values), ((0, 1), (0, 0)))
            total = total + ops.take(rows, ops.minimum(context[..., column], values), axis=0)
            at += values
        return total

    def _kernel(self, start: int, stop: int) -> Any:
        return ops.convert_to_tensor(self.layer.cell.kernel)[start:stop]

    def _mask(self, shape: tuple[Any, ...], rate: float) -> Any:
        return keras.random.dropout(ops.ones(shape), rate, seed=self.seeds)


@final
class LayerProjection(keras.layers.Layer):  # type: ignore[misc]
    """The same for a layer above the first, from the hidden states ``(B, T, U)`` below it.

    Args:
        layer: The recurrent layer, built; owns the weights.
    """

    def __init__(self, layer: keras.layers.Layer) -> None:
        super().__init__(name=f"{layer.name}_projection")
        self.layer, self.built = layer, True

    def call(self, x: Any) -> Any:
        by_step = ops.transpose(x, (1, 0, 2))
        return ops.matmul(by_step, self.layer.cell.kernel) + input_bias(self.layer)


@final
class Recurrence(keras.layers.Layer):  # type: ignore[misc]
    """All hidden states ``(B, T, U)`` of a recurrent layer, with weight drop.

    Source: DropConnect on the recurrent kernel once per batch, S. Merity et al., arXiv
    1708.02182, section 2.

    Args:
        layer: The recurrent layer, built; owns the weights.
        cell: Its cell.
        weight_drop: Dropout rate of the recurrent weights.
        seed: Seeds the masks.
    """

    def __init__(
        self, layer: keras.layers.Layer, cell: Cell, weight_drop: float, seed: int
    ) -> None:
        super().__init__(name=f"{layer.name}_sequence")
        self.layer, self.cell, self.weight_drop = layer, cell, weight_drop
        self.seeds = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, projected: Any, training: bool = False) -> Any:
        weights = {
            name: ops.convert_to_tensor(getattr(self.layer.cell, name))
            for name in self.cell.weight_shapes(1, self.layer.cell.units)
        }
        if training and self.weight_drop and "recurrent_kernel" in weights:
            kernel = weights["recurrent_kernel"]
            kernel = keras.random.dropout(kernel, self.weight_drop, seed=self.seeds)
            weights["recurrent_kernel"] = kernel
        return self.cell.keras_steps(projected, weights)

    def compute_output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return (shape[1], shape[0], self.layer.cell.units)


def input_bias(layer: keras.layers.Layer) -> Any:
    """The bias of the inputs' terms of the gates: the first row if there are two."""
    bias = ops.convert_to_tensor(layer.cell.bias)
    return bias[0] if len(bias.shape) == 2 else bias


@final
class TiedReadout(keras.layers.Layer):  # type: ignore[misc]
    """Logits as products with the rows of the embedding, after a projection if widths differ.

    Source: O. Press and L. Wolf, arXiv 1608.05859; H. Inan et al., arXiv 1611.01462.

    Args:
        embedding: The embedding layer, built; its last row, the start, is never predicted.
        units: Width of the input.
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


@final
@keras.saving.register_keras_serializable(package="seqgen")
class OneHotInput(keras.layers.Layer):  # type: ignore[misc]
    """Integer columns as concatenated one-hot vectors; a value beyond a column's size is zero.

    Args:
        sizes: The number of values of each column.

    Call arguments:
        columns: Integers of shape ``(B, T, len(sizes))``.

    Returns:
        Float32 of shape ``(B, T, sum(sizes))``.
    """

    def __init__(self, sizes: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sizes = tuple(sizes)

    def call(self, columns: Any) -> Any:
        # One class more than the column has, removed again: the start token becomes zeros on
        # every backend, without relying on one_hot for values out of range.
        parts = [
            ops.one_hot(columns[..., c], size + 1)[..., :size] for c, size in enumerate(self.sizes)
        ]
        return ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sizes": list(self.sizes)}

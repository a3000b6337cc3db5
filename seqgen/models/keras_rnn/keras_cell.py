"""KerasCell: a cell as a layer of Keras, which owns the weights and computes a step."""

from __future__ import annotations

from typing import Any, final

import keras
import numpy as np
from keras import ops

from seqgen.errors import PluginError
from seqgen.models.cells.cell import Cell


@final
class KerasCell(keras.layers.Layer):  # type: ignore[misc]
    """A cell in the form that ``keras.layers.RNN`` expects; its weights are attributes by name.

    Args:
        definition: The cell.
        units: The width of the layer.
        seed: Seeds the initial kernel and other matrices.
        recurrent_seed: Seeds the initial recurrent kernel.
    """

    def __init__(self, definition: Cell, units: int, seed: int, recurrent_seed: int) -> None:
        super().__init__(name=f"{definition.name}_cell")
        self.definition, self.units = definition, units
        self.initial_seed, self.recurrent_seed = seed, recurrent_seed
        self.state_size, self.output_size = [units] * len(definition.state), units

    def build(self, shape: tuple[int | None, ...]) -> None:
        shapes = self.definition.weight_shapes(int(shape[-1] or 0), self.units)
        given = self.definition.initial_weights(shapes, np.random.default_rng(self.initial_seed))
        for place, (name, sizes) in enumerate(shapes.items()):
            if hasattr(self, name):
                raise PluginError(
                    f"cell {self.definition.name!r}: Keras uses {name!r} for something else; "
                    "rename the weight"
                )
            weight = self.add_weight(
                shape=sizes, initializer=self._initializer(name, sizes, place), name=name
            )
            if name in given:
                weight.assign(given[name])
            setattr(self, name, weight)
        self.built = True

    def _initializer(self, name: str, sizes: tuple[int, ...], place: int) -> Any:
        if len(sizes) < 2:
            return "zeros"
        if name == "recurrent_kernel":
            return keras.initializers.Orthogonal(seed=self.recurrent_seed)
        return keras.initializers.GlorotUniform(seed=self.initial_seed + place)

    def call(self, x: Any, states: list[Any], training: bool = False) -> tuple[Any, list[Any]]:
        weights = {
            name: ops.convert_to_tensor(getattr(self, name))
            for name in self.definition.weight_shapes(1, self.units)
        }
        projected = ops.matmul(x, weights["kernel"]) + weights["bias"]
        after = self.definition.keras_step(projected, tuple(states), weights)
        return after[0], list(after)

"""Cells that the laws are tested with: the built-in ones, the example, and one with everything."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen import Cell
from seqgen.models.cells.builtin_cells import cell_names, find_cell

#: The module of the example, which is not installed here.
EXAMPLE = Path(__file__).resolve().parents[2] / "examples/mingru/seqgen_mingru/__init__.py"


def _example() -> Cell:
    spec = importlib.util.spec_from_file_location("example_mingru", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (cell,) = module.seqgen_cells()
    assert isinstance(cell, Cell)
    return cell


@final
class Leaky(Cell):
    """A leaky integrator with an Elman layer as its input: two parts of the state, a recurrent
    kernel, a vector as a weight, and initial values of its own."""

    name = "leaky"
    gates = ("candidate",)
    state = ("hidden", "mean")

    def weight_shapes(self, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
        more = {"recurrent_kernel": (units, units), "leak": (units,)}
        return {**super().weight_shapes(inputs, units), **more}

    def initial_weights(
        self, shapes: dict[str, tuple[int, ...]], rng: np.random.Generator
    ) -> Mapping[str, NDArray[np.float32]]:
        return {"leak": rng.uniform(1.0, 2.0, shapes["leak"]).astype(np.float32)}

    def keras_step(
        self, projected: Any, state: tuple[Any, ...], weights: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        from keras import ops

        new = ops.tanh(projected + ops.matmul(state[0], weights["recurrent_kernel"]))
        share = ops.sigmoid(weights["leak"])
        mean = share * state[1] + (1.0 - share) * new
        return new * mean, mean

    def numpy_step(
        self,
        projected: NDArray[Any],
        state: tuple[NDArray[Any], ...],
        weights: Mapping[str, NDArray[Any]],
    ) -> tuple[NDArray[Any], ...]:
        new = np.tanh(projected + state[0] @ weights["recurrent_kernel"])
        share = 1 / (1 + np.exp(-weights["leak"]))
        mean = share * state[1] + (1 - share) * new
        return new * mean, mean


#: Every registered cell, the example and ``Leaky`` by name.
CELLS: Mapping[str, Cell] = {
    **{name: find_cell(name) for name in cell_names()},
    **{cell.name: cell for cell in (_example(), Leaky())},
}

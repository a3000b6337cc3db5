"""LSTM and GRU, and ``find_cell``, which finds these and the cells of plugins by name.

In the equations ``x`` is the input of a step, ``h`` the hidden state, ``W``, ``U`` and ``b`` the
blocks of ``kernel``, ``recurrent_kernel`` and ``bias`` that belong to a gate, ``σ`` the sigmoid
and ``*`` the elementwise product. Each cell has its equations three times: plainly in
``numpy_step``, fast and in place for generation (``numpy_cells``), and with gradients written by
hand for training (``keras_lstm_gru``).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, final

from seqgen.models.cells.cell import Cell, Shapes
from seqgen.registry.components import BUILTIN, Component, Kind, component_names, find_component
from seqgen.registry.hookspecs import hookimpl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from seqgen.models.cells.numpy_cells import NumpyCell


@final
class LSTM(Cell):
    """Long short-term memory with forget gates.

    ::

        i = σ(x @ W_i + h @ U_i + b_i)       input gate
        f = σ(x @ W_f + h @ U_f + b_f)       forget gate
        g = tanh(x @ W_g + h @ U_g + b_g)    candidate
        o = σ(x @ W_o + h @ U_o + b_o)       output gate
        c = f * c + i * g                    cell state
        h = o * tanh(c)                      hidden state

    Sources: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9
    (1997); F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural Computation
    12 (2000).
    """

    name = "lstm"
    gates = ("input", "forget", "candidate", "output")
    state = ("hidden", "cell")

    def weight_shapes(self, inputs: int, units: int) -> Shapes:
        width = 4 * units
        return {"kernel": (inputs, width), "recurrent_kernel": (units, width), "bias": (width,)}

    def keras_step(
        self, projected: Any, state: tuple[Any, ...], weights: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        from seqgen.models.cells.keras_lstm_gru import lstm_step

        return lstm_step(projected, state, weights["recurrent_kernel"])

    def keras_steps(self, projected: Any, weights: Mapping[str, Any]) -> Any:
        from seqgen.models.cells.keras_lstm_gru import lstm

        return lstm(projected, weights["recurrent_kernel"])

    def keras_layer(self) -> Any:
        from keras.layers import LSTM

        return LSTM

    def numpy_step(
        self,
        projected: NDArray[Any],
        state: tuple[NDArray[Any], ...],
        weights: Mapping[str, NDArray[Any]],
    ) -> tuple[NDArray[Any], ...]:
        import numpy as np

        hidden, cell = state
        i, f, g, o = np.split(projected + hidden @ weights["recurrent_kernel"], 4, axis=-1)
        cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
        return _sigmoid(o) * np.tanh(cell), cell

    def in_place_step(self) -> type[NumpyCell]:
        from seqgen.models.cells.numpy_cells import NumpyLSTM

        return NumpyLSTM


@final
class GRU(Cell):
    """Gated recurrent unit, with the reset gate after the product (``reset_after`` of Keras).

    ::

        z = σ(x @ W_z + b_z + h @ U_z + d_z)            update gate
        r = σ(x @ W_r + b_r + h @ U_r + d_r)            reset gate
        g = tanh(x @ W_g + b_g + r * (h @ U_g + d_g))   candidate
        h = z * h + (1 - z) * g                         hidden state

    ``b`` and ``d`` are the first and the second row of ``bias``.

    Source: K. Cho et al., "Learning phrase representations using RNN encoder-decoder for
    statistical machine translation", arXiv 1406.1078 (2014).
    """

    name = "gru"
    gates = ("update", "reset", "candidate")

    def weight_shapes(self, inputs: int, units: int) -> Shapes:
        width = 3 * units
        return {"kernel": (inputs, width), "recurrent_kernel": (units, width), "bias": (2, width)}

    def keras_step(
        self, projected: Any, state: tuple[Any, ...], weights: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        from seqgen.models.cells.keras_lstm_gru import gru_step

        return gru_step(projected, state, weights["recurrent_kernel"], weights["bias"][1])

    def keras_steps(self, projected: Any, weights: Mapping[str, Any]) -> Any:
        from seqgen.models.cells.keras_lstm_gru import gru

        return gru(projected, weights["recurrent_kernel"], weights["bias"][1])

    def keras_layer(self) -> Any:
        from keras.layers import GRU

        return GRU

    def numpy_step(
        self,
        projected: NDArray[Any],
        state: tuple[NDArray[Any], ...],
        weights: Mapping[str, NDArray[Any]],
    ) -> tuple[NDArray[Any], ...]:
        import numpy as np

        (hidden,) = state
        own = hidden @ weights["recurrent_kernel"] + weights["bias"][1]
        (z_in, r_in, g_in), (z_own, r_own, g_own) = (
            np.split(part, 3, axis=-1) for part in (projected, own)
        )
        z, g = _sigmoid(z_in + z_own), np.tanh(g_in + _sigmoid(r_in + r_own) * g_own)
        return (z * hidden + (1 - z) * g,)

    def in_place_step(self) -> type[NumpyCell]:
        from seqgen.models.cells.numpy_cells import NumpyGRU

        return NumpyGRU


def _sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return 0.5 + 0.5 * np.tanh(0.5 * x)  # exp(-x) could overflow


@hookimpl
def seqgen_cells() -> list[Cell]:
    """The cells of seqgen."""
    return [LSTM(), GRU()]


#: Cells as components: see ``registry.components``.
CELL = Kind(
    "cell",
    "seqgen_cells",
    "seqgen.cells",
    lambda: sys.modules[__name__],
    lambda value: "" if isinstance(value, Cell) else "instances of seqgen.Cell",
)


def cell_names() -> list[str]:
    """The names of the built-in and of all installed cells; no plugin is imported."""
    return component_names(CELL)


def find_cell(name: str) -> Cell:
    """The cell with a name.

    Raises:
        PluginError: There is none, or its plugin cannot be used.
    """
    cell: Cell = cell_component(name).value
    return cell


def cell_component(name: str) -> Component:
    """As ``find_cell``, with the distribution that the cell comes from."""
    return find_component(CELL, name)


def cell_origin(name: str) -> dict[str, str]:
    """Name, distribution and version of a cell of a plugin; empty for one of seqgen."""
    component = cell_component(name)
    return {} if component.distribution == BUILTIN else component.to_dict()

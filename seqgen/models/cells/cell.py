"""Cells: the recurrent layers that a ShareWeightRNN can be made of. LSTM and GRU are the first two.

A cell names its weights once, and says what runs them: a Keras layer and a recurrence over
complete sequences for training (``keras_recurrence``), and a NumPy step for generation
(``numpy_cells``).
To add a cell, subclass ``Cell`` and list an instance in ``CELLS``; nothing else asks for its name.

In the equations ``x`` is the input of a step, ``h`` the hidden state, ``W``, ``U`` and ``b`` the
blocks of ``kernel``, ``recurrent_kernel`` and ``bias`` that belong to a gate, ``σ`` the sigmoid
and ``*`` the elementwise product. Each gate must have the form ``x @ W + b`` plus a term in
``h @ U``: peepholes or normalization inside a cell do not fit. tests/models has the laws of a cell.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, final

if TYPE_CHECKING:
    from collections.abc import Callable

    from seqgen.models.cells.numpy_cells import NumpyCell


class Cell(ABC):
    """A recurrent layer: named weight shapes, the Keras layer that trains, the NumPy step.

    Each gate is ``x @ W + b`` plus a term ``h @ U`` of the hidden state. So the inputs' terms of
    all gates are one matrix product for all steps, and the states' terms one product a step.
    """

    #: The value of ``ModelConfig.cell``.
    name: ClassVar[str]
    #: The gates in the order of their columns in both kernels and in the bias.
    gates: ClassVar[tuple[str, ...]]
    #: The state of the Keras layer, each ``(B, units)``; the hidden state comes first.
    state: ClassVar[tuple[str, ...]]
    #: Whether ``h @ U`` has a bias of its own, the second row of ``bias``.
    has_recurrent_bias: ClassVar[bool] = False

    @final
    def weight_shapes(self, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
        """The name and shape of each weight of a layer that reads ``inputs`` features."""
        width = len(self.gates) * units
        return {
            "kernel": (inputs, width),
            "recurrent_kernel": (units, width),
            "bias": (2, width) if self.has_recurrent_bias else (width,),
        }

    @abstractmethod
    def keras_layer(self) -> Any:
        """The class of the Keras layer that owns the weights and computes a step in Keras."""

    @abstractmethod
    def recurrence(self) -> Callable[[Any, Any, Any], Any]:
        """All steps in Keras, for training: see ``keras_recurrence``."""

    @abstractmethod
    def numpy_cell(self) -> type[NumpyCell]:
        """One step in NumPy, for generation: see ``numpy_cells``."""


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

    ``keras_lstm_gru.lstm`` computes it for training, ``numpy_cells.NumpyLSTM.step`` for generation;
    there ``h @ U`` is in ``NumpyStepper.read``, one product for all gates.

    Sources: S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9
    (1997); F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural Computation
    12 (2000).
    """

    name = "lstm"
    gates = ("input", "forget", "candidate", "output")
    state = ("hidden", "cell")

    def keras_layer(self) -> Any:
        from keras.layers import LSTM

        return LSTM

    def recurrence(self) -> Callable[[Any, Any, Any], Any]:
        from seqgen.models.cells.keras_lstm_gru import lstm

        return lstm

    def numpy_cell(self) -> type[NumpyCell]:
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
    state = ("hidden",)
    has_recurrent_bias = True

    def keras_layer(self) -> Any:
        from keras.layers import GRU

        return GRU

    def recurrence(self) -> Callable[[Any, Any, Any], Any]:
        from seqgen.models.cells.keras_lstm_gru import gru

        return gru

    def numpy_cell(self) -> type[NumpyCell]:
        from seqgen.models.cells.numpy_cells import NumpyGRU

        return NumpyGRU


#: Every cell by its name.
CELLS: dict[str, Cell] = {cell.name: cell for cell in (LSTM(), GRU())}

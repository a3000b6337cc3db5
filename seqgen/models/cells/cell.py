"""Cell: what a recurrent layer of a ShareWeightRNN computes in one step.

A layer reads its inputs only through ``x @ kernel + bias``, one block of columns for each gate.
These terms of all gates are one matrix product for all steps in training, and a table lookup for
the tokens of the first layer. Everything else is the cell's: its other weights, its state, and the
step from one state to the next, once in Keras for training and once in NumPy for generation.

To add a cell, subclass ``Cell`` and return an instance from the hook ``seqgen_cells``;
``docs/how-to/add-a-cell.md`` shows one. ``builtin_cells`` has LSTM and GRU, which are found by the
same hook.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.models.cells.numpy_cells import NumpyCell

#: The name and shape of each weight of a layer.
Shapes = dict[str, tuple[int, ...]]


class Cell(ABC):
    """One step of a recurrent layer. A cell is immutable and has no weights or state of its own.

    In the steps, ``projected`` is ``x @ kernel + bias``, ``(B, len(gates) * units)``, the state is
    a tuple of one array ``(B, units)`` for each name in ``state``, and ``weights`` are the weights
    of the layer by name. Arguments are never changed in place.
    """

    #: The value of ``--cell``: lower-case letters, digits, - and _.
    name: ClassVar[str]
    #: The gates in the order of their columns in the kernel and in the bias.
    gates: ClassVar[tuple[str, ...]]
    #: The parts of the state, which are zero before the first step. The first is the output.
    state: ClassVar[tuple[str, ...]] = ("hidden",)

    def weight_shapes(self, inputs: int, units: int) -> Shapes:
        """The name and shape of each weight of a layer that reads ``inputs`` features.

        Override it to add weights; their names are Python identifiers. ``weight_drop`` applies to
        ``recurrent_kernel``, the matrix of the hidden state, and to no other weight.
        """
        width = len(self.gates) * units
        return {"kernel": (inputs, width), "bias": (width,)}

    def initial_weights(
        self, shapes: Shapes, rng: np.random.Generator
    ) -> Mapping[str, NDArray[np.float32]]:
        """The values before training of weights that do not begin as usual.

        Usually a matrix begins Glorot-uniform, ``recurrent_kernel`` orthogonal, a vector with
        zeros.

        Args:
            shapes: What ``weight_shapes`` returns.
            rng: The only source of randomness.
        """
        return {}

    @abstractmethod
    def keras_step(
        self, projected: Any, state: tuple[Any, ...], weights: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        """The state after one step, with functions of ``keras.ops``."""

    @abstractmethod
    def numpy_step(
        self,
        projected: NDArray[Any],
        state: tuple[NDArray[Any], ...],
        weights: Mapping[str, NDArray[Any]],
    ) -> tuple[NDArray[Any], ...]:
        """The state after one step, with NumPy; new arrays of the type of ``projected``."""

    def keras_steps(self, projected: Any, weights: Mapping[str, Any]) -> Any:
        """All steps from the zero state, for training: a loop over ``keras_step``.

        Override it with a faster computation of the same, such as a parallel scan.

        Args:
            projected: The inputs' terms of the gates, steps first, ``(T, B, len(gates) * units)``.
            weights: The weights of the layer by name.

        Returns:
            The outputs of all steps, ``(B, T, units)``; differentiable by each argument.
        """
        from keras import ops

        from seqgen.models.cells.keras_scan import scan

        def body(state: tuple[Any, ...], row: tuple[Any, ...]) -> Any:
            after = tuple(self.keras_step(row[0], state, weights))
            return after, (after[0],)

        units = projected.shape[-1] // len(self.gates)
        start = (ops.zeros((ops.shape(projected)[1], units)),) * len(self.state)
        _, (outputs,) = scan(body, start, (projected,), (units,))
        return ops.transpose(outputs, (1, 0, 2))

    def keras_layer(self) -> Any:
        """The class of Keras' own layer for this cell; None for ``keras.layers.RNN`` around
        ``keras_step``."""
        return None

    def in_place_step(self) -> type[NumpyCell] | None:
        """A faster NumPy step in reused buffers; None for ``numpy_step``.

        Only for cells whose gates are ``projected`` plus a term ``h @ recurrent_kernel``.
        """
        return None

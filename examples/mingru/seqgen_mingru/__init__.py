"""The minimal gated recurrent unit as a cell of seqgen: ``seqgen train dinos --cell mingru``.

::

    z = σ(x @ W_z + b_z)          update gate
    g = x @ W_g + b_g             candidate
    h = (1 - z) * h + z * g       hidden state

Neither gate reads the hidden state, so there is no recurrent kernel: a layer above the first has a
quarter of the weights of an LSTM.

Source: L. Feng et al., "Were RNNs all we needed?", arXiv 2410.01201, section 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqgen


class MinGRU(seqgen.Cell):
    """The equations above, once in Keras and once in NumPy."""

    name = "mingru"
    gates = ("update", "candidate")

    def keras_step(
        self, projected: Any, state: tuple[Any, ...], weights: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        from keras import ops

        update, candidate = ops.split(projected, 2, axis=-1)
        update = ops.sigmoid(update)
        return ((1 - update) * state[0] + update * candidate,)

    def numpy_step(
        self,
        projected: NDArray[Any],
        state: tuple[NDArray[Any], ...],
        weights: Mapping[str, NDArray[Any]],
    ) -> tuple[NDArray[Any], ...]:
        update, candidate = np.split(projected, 2, axis=-1)
        update = 0.5 + 0.5 * np.tanh(0.5 * update)  # the sigmoid, without overflow
        return ((1 - update) * state[0] + update * candidate,)


@seqgen.hookimpl
def seqgen_cells() -> list[seqgen.Cell]:
    """The cells of this distribution."""
    return [MinGRU()]

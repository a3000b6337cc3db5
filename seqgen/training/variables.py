"""Variables: all that changes in a training, read out and put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SeqgenError


def variables_of(network: Any) -> list[Any]:
    """All that changes in training: weights, random generators, optimiser."""
    seeds = [
        entry.seeds.state if hasattr(entry, "seeds") else entry.seed_generator.state
        for entry in network.layers
        if hasattr(entry, "seeds") or hasattr(entry, "seed_generator")
    ]
    return [*network.weights, *seeds, *network.optimizer.variables]


def copies(variables: Sequence[Any]) -> list[NDArray[Any]]:
    """The values of variables as arrays of their own."""
    import keras

    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def restore(network: Any, values: Sequence[NDArray[Any]]) -> None:
    """Put back what ``variables_of`` named, as ``copies`` read it.

    Raises:
        SeqgenError: They are of another network.
    """
    variables = variables_of(network)
    if [tuple(part.shape) for part in variables] != [part.shape for part in values]:
        raise SeqgenError(
            "the checkpoint was written by another version of seqgen or Keras: its variables "
            "do not fit; delete the run folder's checkpoint files to train anew"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)

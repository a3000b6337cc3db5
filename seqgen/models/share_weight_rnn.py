"""ShareWeightRNN: the abstract recurrent model whose weights are the same at every time step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqgen.errors import ModelFileError
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.sequence_model import SequenceModel, State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Gates of each kind of cell, in the order in which Keras lays them out.
GATES = {
    "lstm": ("input", "forget", "candidate", "output"),
    "gru": ("update", "reset", "candidate"),
}


class ShareWeightRNN(SequenceModel[State]):
    """Recurrent layers and a readout that every time step shares.

    One set of weights, two ways to run it: ``KerasRNN`` trains and reads whole sequences,
    ``NumpyRNN`` steps without TensorFlow. Both are built from, and give, the same named
    float32 arrays (``weight_shapes``).
    """

    config: ModelConfig

    @property
    @abstractmethod
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        """The named weights; names and shapes are those of ``weight_shapes``."""

    @property
    def parameters(self) -> int:
        """How many numbers the model has learned."""
        return sum(array.size for array in self.weights.values())


def weight_shapes(config: ModelConfig, shape: ModelShape) -> dict[str, tuple[int, ...]]:
    """The name and shape of every weight of a model.

    The input of the first layer is the token (a one-hot vector of ``V``, all zero for the
    start, or a row of the embedding, which has one for the start) and, beside it, the
    context columns as one-hot vectors. A tied readout has no kernel of its own, but a
    projection to the width of the embedding where the layers have another.
    """
    gates, units = len(GATES[config.cell]), config.units
    token_width = config.embedding or shape.vocabulary_size
    shapes: dict[str, tuple[int, ...]] = {}
    if config.embedding:
        shapes["embedding"] = (shape.vocabulary_size + 1, config.embedding)
    for layer in range(config.layers):
        width = token_width + shape.context_width if layer == 0 else units
        shapes[f"layer{layer}.kernel"] = (width, gates * units)
        shapes[f"layer{layer}.recurrent_kernel"] = (units, gates * units)
        # Keras' GRU (reset_after) has one bias for the input and one for the state.
        bias = (gates * units,) if config.cell == "lstm" else (2, gates * units)
        shapes[f"layer{layer}.bias"] = bias
    if not config.tied:
        shapes["readout.kernel"] = (units, shape.vocabulary_size)
    elif units != config.embedding:
        shapes["readout.projection"] = (units, config.embedding)
    shapes["readout.bias"] = (shape.vocabulary_size,)
    return shapes


def readout_kernel(
    config: ModelConfig, weights: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """What the last hidden state is multiplied by, ``(units, V)``, tied or not."""
    if not config.tied:
        return weights["readout.kernel"]
    rows = weights["embedding"][:-1].T  # the last row is the start, which is never predicted
    return weights["readout.projection"] @ rows if "readout.projection" in weights else rows


def check_weights(config: ModelConfig, shape: ModelShape, weights: Mapping[str, Any]) -> None:
    """Hold named arrays against the shapes that a configuration asks for.

    Raises:
        ModelFileError: Names the first weight that is missing, of another shape or not finite.
    """
    import numpy as np

    for name, wanted in weight_shapes(config, shape).items():
        if name not in weights:
            raise ModelFileError(f"weight {name!r} is missing")
        found = weights[name]
        if found.shape != wanted or found.dtype != np.float32:
            raise ModelFileError(
                f"weight {name!r} must be float32 of shape {wanted}, "
                f"was {found.dtype} of shape {found.shape}"
            )
        if not np.isfinite(found).all():
            raise ModelFileError(f"weight {name!r} holds values that are not finite")

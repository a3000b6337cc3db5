"""ShareWeightRNN: the abstract recurrent model whose weights are the same at every time step.

::

      start              token 0            token 1
        │                   │                  │
    ┌─ input ─┐         ┌─ input ─┐        ┌─ input ─┐
    │ layer 0 │ ─state▶ │ layer 0 │ ─state▶│ layer 0 │ ─state▶ ...
    │ readout │         │ readout │        │ readout │
    └────┬────┘         └────┬────┘        └────┬────┘
    logits of           logits of          logits of
     token 0             token 1            token 2

Every box is the same box. The layers are made once and used at every step, so a model has as many
weights for items of a thousand tokens as for items of one, and ``weight_shapes`` lists them all.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqgen.errors import ModelFileError, SettingError
from seqgen.models.cells.builtin_cells import cell_names, find_cell
from seqgen.models.cells.cell import Cell
from seqgen.models.sequence_model import ModelShape, SequenceModel, State
from seqgen.settings import check_settings, setting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """The architecture of a recurrent model and its regularisers. Saved in the model file.

    The cell is found by its name when a model is made.

    Raises:
        SettingError: A value is out of its range, or ``tied`` is set without an embedding.
    """

    cell: str = setting("lstm", "Recurrent cell.", choices=cell_names)
    units: int = setting(128, "Units of each recurrent layer.", min=1, max=8192)
    layers: int = setting(1, "Number of recurrent layers.", min=1, max=16)
    embedding: int = setting(
        0, "Dimensions of the token embedding; 0 for one-hot input.", min=0, max=8192
    )
    tied: bool = setting(
        False, "Use the token embedding as readout weights; requires an embedding."
    )
    dropout: float = setting(
        0.3,
        "Dropout rate of each layer's outputs; one mask per item for all steps.",
        min=0.0,
        below=1.0,
    )
    input_dropout: float = setting(
        0.0,
        "Dropout rate of the first layer's inputs; one mask per item for all steps.",
        min=0.0,
        below=1.0,
    )
    embedding_dropout: float = setting(
        0.0, "Dropout rate of entire input symbols; one mask per batch.", min=0.0, below=1.0
    )
    weight_drop: float = setting(
        0.0,
        "Dropout rate of the recurrent weights, if the cell has any; one mask per batch.",
        min=0.0,
        below=1.0,
    )

    def __post_init__(self) -> None:
        if isinstance(self.cell, Cell):
            raise SettingError(
                f"cell must be a name, such as {self.cell.name!r}, was an object: a model file can "
                "be opened only if its cell is installed, with an entry point of that name in the "
                "group seqgen.cells",
                "cell",
            )
        check_settings(self)
        if self.tied and not self.embedding:
            raise SettingError(
                "tied requires an embedding, whose rows become the readout weights: set embedding "
                "to a width such as 64, or remove tied",
                "tied",
                "embedding",
            )


class ShareWeightRNN(SequenceModel[State]):
    """Recurrent layers and a readout that all time steps share.

    One set of weights, two implementations: ``KerasRNN`` trains on complete sequences,
    ``NumpyRNN`` generates step by step without Keras. Both are built from, and return, the same
    named float32 arrays.
    """

    config: ModelConfig
    #: What each recurrent layer computes.
    cell: Cell

    @property
    @abstractmethod
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        """The named weights, as ``weight_shapes`` lists them."""

    @property
    def parameters(self) -> int:
        """The number of trained parameters."""
        return sum(array.size for array in self.weights.values())


def weight_shapes(
    config: ModelConfig, shape: ModelShape, cell: Cell | None = None
) -> dict[str, tuple[int, ...]]:
    """The name and shape of every weight of a model.

    The input of the first layer is the token (a one-hot vector of ``V``, which is zero for the
    start, or a row of the embedding, which has one for the start), concatenated with the context
    columns as one-hot vectors. A tied readout has no kernel; it has a projection to the width of
    the embedding if the layers have a different width.

    Args:
        config: The architecture of the model.
        shape: The vocabulary size and the context columns.
        cell: A cell that no plugin provides; None for the one that the configuration names.

    Raises:
        PluginError: There is no cell of the configured name.
    """
    cell, units = cell or find_cell(config.cell), config.units
    inputs = (config.embedding or shape.vocabulary_size) + shape.context_width
    shapes: dict[str, tuple[int, ...]] = {}
    if config.embedding:
        shapes["embedding"] = (shape.vocabulary_size + 1, config.embedding)
    for layer in range(config.layers):
        own = cell.weight_shapes(units if layer else inputs, units)
        shapes.update({f"layer{layer}.{name}": wanted for name, wanted in own.items()})
    if not config.tied:
        shapes["readout.kernel"] = (units, shape.vocabulary_size)
    elif units != config.embedding:
        shapes["readout.projection"] = (units, config.embedding)
    shapes["readout.bias"] = (shape.vocabulary_size,)
    return shapes


def readout_kernel(
    config: ModelConfig, weights: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """The matrix from the last hidden state to the logits, ``(units, V)``, tied or not."""
    if not config.tied:
        return weights["readout.kernel"]
    rows = weights["embedding"][:-1].T  # the last row is the start, which is never predicted
    return weights["readout.projection"] @ rows if "readout.projection" in weights else rows


def check_weights(
    config: ModelConfig, shape: ModelShape, weights: Mapping[str, Any], cell: Cell | None = None
) -> None:
    """Check named arrays against ``weight_shapes``.

    Raises:
        ModelFileError: Names the first weight that is missing, has another shape or type, or is
            not finite.
    """
    import numpy as np

    for name, wanted in weight_shapes(config, shape, cell).items():
        if name not in weights:
            raise ModelFileError(f"weight {name!r} is missing")
        found = weights[name]
        if found.shape != wanted or found.dtype != np.float32:
            raise ModelFileError(
                f"weight {name!r} must be float32 of shape {wanted}, "
                f"was {found.dtype} of shape {found.shape}"
            )
        if not np.isfinite(found).all():
            raise ModelFileError(f"weight {name!r} has values that are not finite")

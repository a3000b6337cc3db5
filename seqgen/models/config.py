"""ModelConfig: the settings of a ShareWeightRNN. ModelShape: the sizes that its data requires."""

from __future__ import annotations

from dataclasses import dataclass

from seqgen.errors import SettingError
from seqgen.models.cells.cell import CELLS
from seqgen.settings import check_settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """The architecture of a recurrent model and its regularisers. Saved in the model file.

    Raises:
        SettingError: A value is out of its range, or ``tied`` is set without an embedding.
    """

    cell: str = setting("lstm", "Recurrent cell.", choices=tuple(CELLS))
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
        0.0, "Dropout rate of the recurrent weights; one mask per batch.", min=0.0, below=1.0
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if self.tied and not self.embedding:
            raise SettingError(
                "tied requires an embedding, whose rows become the readout weights: set embedding "
                "to a width such as 64, or remove tied",
                "tied",
                "embedding",
            )


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The sizes that the data requires of a model.

    Args:
        vocabulary_size: ``V``, the number of ids that the model predicts, end token included.
            The model reads one id more: ``V`` itself, the start token.
        context_sizes: The number of values of each context column; empty without context.
    """

    vocabulary_size: int
    context_sizes: tuple[int, ...] = ()

    @property
    def context_width(self) -> int:
        """The width of all context columns as concatenated one-hot vectors."""
        return sum(self.context_sizes)

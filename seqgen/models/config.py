"""ModelConfig: the settings of a shared-weight recurrent model."""

from __future__ import annotations

from dataclasses import dataclass

from seqgen.errors import SettingError
from seqgen.settings import check_settings, setting

CELLS = ("lstm", "gru")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """The shape of a recurrent model. Saved in the model file.

    Raises:
        SettingError: A value is out of its range, or ``tied`` is set without an embedding.
    """

    cell: str = setting("lstm", "Kind of recurrent cell.", choices=CELLS)
    units: int = setting(128, "Width of each recurrent layer.", min=1, max=8192)
    layers: int = setting(1, "Number of recurrent layers.", min=1, max=16)
    embedding: int = setting(0, "Width of the token embedding; 0 reads one-hot.", min=0, max=8192)
    tied: bool = setting(
        False, "Read the logits off the token embedding's own rows; needs an embedding."
    )
    dropout: float = setting(
        0.3,
        "Share of each layer's outputs to drop, one mask an item for all its steps.",
        min=0.0,
        below=1.0,
    )
    input_dropout: float = setting(
        0.0, "The same for the inputs of the first layer.", min=0.0, below=1.0
    )
    embedding_dropout: float = setting(
        0.0,
        "Share of the symbols that are not read at all, drawn once a batch.",
        min=0.0,
        below=1.0,
    )
    weight_drop: float = setting(
        0.0, "Share of the recurrent weights to drop, drawn once a batch.", min=0.0, below=1.0
    )

    def __post_init__(self) -> None:
        check_settings(self)
        if self.tied and not self.embedding:
            raise SettingError(
                "tied needs an embedding to read the logits off: set embedding to its width, "
                "such as 64, or leave out tied"
            )


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What the data asks of a model.

    Args:
        vocabulary_size: ``V``, the number of ids the model predicts, end token included.
            The model reads one id more, ``V`` itself, which stands for the start.
        context_sizes: How many values each context column has; empty without context.
    """

    vocabulary_size: int
    context_sizes: tuple[int, ...] = ()

    @property
    def context_width(self) -> int:
        """The width of all context columns as one-hot vectors side by side."""
        return sum(self.context_sizes)

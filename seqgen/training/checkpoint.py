"""Checkpoint: all that a training needs to go on, in one file that is replaced whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ModelFileError, SeqgenError
from seqgen.io.files import replacing
from seqgen.training.history import EpochReport

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


FORMAT = 4
_KEY = "seqgen.checkpoint"


@final
@dataclass(frozen=True, slots=True, eq=False)
class TrainingState:
    """A training after an epoch.

    Args:
        variables: Weights, states of the random generators and of the optimiser, by place.
        best: The weights of the best epoch, by name.
        history: One report an epoch.
        steps: How many steps were made.
        epochs: How many epochs there are to be.
        ended: Why training ended; empty while it goes on.
        execution: How its steps were run; another way rounds otherwise.
        versions: Of all that computes; others may round or draw otherwise.
    """

    variables: tuple[NDArray[Any], ...]
    best: Mapping[str, NDArray[np.float32]]
    history: tuple[EpochReport, ...]
    steps: int
    epochs: int
    ended: str = ""
    execution: str = ""
    versions: str = ""


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file of one training.

    Args:
        path: Where it stands, or will.
        identity: A hash of all that the training depends on; a file with another is refused.
    """

    path: Path
    identity: str

    def save(self, state: TrainingState) -> None:
        """Write to a temporary name, flush to the disk, rename: never half a file.

        Raises:
            SeqgenError: The disk is full or the folder cannot be written to. The file that
                stood there stays.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import save_file

        arrays = {f"variable.{k}": array for k, array in enumerate(state.variables)}
        arrays |= {f"best.{name}": array for name, array in state.best.items()}
        about = {
            "format": FORMAT,
            "identity": self.identity,
            "history": [asdict(report) for report in state.history],
            "steps": state.steps,
            "epochs": state.epochs,
            "ended": state.ended,
            "execution": state.execution,
            "versions": state.versions,
        }
        with replacing(self.path) as temporary:
            try:
                save_file(arrays, temporary, metadata={_KEY: json.dumps(about)})
            except SafetensorError as error:
                raise SeqgenError(
                    f"cannot write the checkpoint {self.path}: {error}. What stood there "
                    "before is kept: make room, and give the command again to go on"
                ) from None

    def load(self) -> TrainingState | None:
        """What was saved last; None where there is no file or it is of another training.

        Raises:
            ModelFileError: The file is damaged.
        """
        if not self.path.exists():
            return None
        with self._opened() as (file, about):
            if not self._mine(about):
                return None
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            history = tuple(EpochReport(**report) for report in about["history"])
            count = sum(name.startswith("variable.") for name in arrays)
            return TrainingState(
                tuple(arrays[f"variable.{k}"] for k in range(count)),
                {n.removeprefix("best."): a for n, a in arrays.items() if n.startswith("best.")},
                history,
                about["steps"],
                about["epochs"],
                about["ended"],
                about["execution"],
                about["versions"],
            )

    def stands(self) -> bool | None:
        """Whether what stands there is of this very training; None where nothing does.

        Raises:
            ModelFileError: The file is damaged.
        """
        if not self.path.exists():
            return None
        with self._opened() as (_, about):
            return self._mine(about)

    def _mine(self, about: Mapping[str, Any]) -> bool:
        return bool(about["format"] == FORMAT and about["identity"] == self.identity)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        """The open file, and what it says of itself."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, framework="np") as file:
                yield file, json.loads((file.metadata() or {})[_KEY])
        except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
            raise ModelFileError(
                f"the checkpoint {self.path} is damaged ({error}); delete it to train anew"
            ) from None

    def remove(self) -> None:
        """Delete the file, when the model is saved and nothing is left to go on with."""
        self.path.unlink(missing_ok=True)


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

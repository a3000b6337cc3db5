"""Checkpoint: the complete state of a training in one file that is replaced atomically."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ModelFileError, SeqgenError
from seqgen.io.atomic_files import replacing
from seqgen.training.history import EpochReport
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

FORMAT = 5
_KEY = "seqgen.checkpoint"


@final
@dataclass(frozen=True, slots=True, eq=False)
class TrainingState:
    """A training after an epoch.

    Args:
        variables: Weights, states of the random generators and of the optimizer, in order.
        best: The weights of the best epoch, by name.
        history: A report per epoch.
        steps: The number of steps done.
        epochs: The number of epochs planned.
        ended: Why the training ended; None if it continues.
        execution: How its steps are run; another execution rounds differently.
        versions: The versions of the libraries by name, on which rounding and random numbers
            depend.
    """

    variables: tuple[NDArray[Any], ...]
    best: Mapping[str, NDArray[np.float32]]
    history: tuple[EpochReport, ...]
    steps: int
    epochs: int
    execution: Execution
    versions: Mapping[str, str]
    ended: StopReason | None = None


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The checkpoint file of one training.

    Args:
        path: The file.
        identity: A hash of everything that the training depends on; a file with another identity
            is ignored.
    """

    path: Path
    identity: str

    def save(self, state: TrainingState) -> None:
        """Replace the file atomically.

        Raises:
            SeqgenError: The disk is full or the folder is not writable. The old file is kept.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import save_file

        arrays = {f"variable.{k}": array for k, array in enumerate(state.variables)}
        arrays |= {f"best.{name}": array for name, array in state.best.items()}
        values = asdict(replace(state, variables=(), best={}))
        header = {"format": FORMAT, "identity": self.identity, "state": values}
        with replacing(self.path) as temporary:
            try:
                save_file(arrays, temporary, metadata={_KEY: json.dumps(header)})
            except SafetensorError as error:
                raise SeqgenError(
                    f"cannot write the checkpoint {self.path}: {error}. The previous checkpoint is "
                    "kept: free disk space, and repeat the command to resume"
                ) from None

    def load(self) -> TrainingState | None:
        """The saved state; None if there is no file or it is of another training.

        Raises:
            ModelFileError: The file is damaged.
        """
        if not self.path.exists():
            return None
        with self._open() as (file, header):
            if not self._is_own(header):
                return None
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            best = {n.removeprefix("best."): a for n, a in arrays.items() if n.startswith("best.")}
            saved = header["state"]
            values = {
                "variables": tuple(arrays[f"variable.{k}"] for k in range(len(arrays) - len(best))),
                "best": best,
                "history": tuple(EpochReport(**report) for report in saved["history"]),
                "execution": Execution(**saved["execution"]),
                "ended": StopReason(saved["ended"]) if saved["ended"] else None,
            }
            return TrainingState(**{**saved, **values})

    def matches(self) -> bool | None:
        """Whether the file is of this training; None if there is no file.

        Raises:
            ModelFileError: The file is damaged.
        """
        if not self.path.exists():
            return None
        with self._open() as (_, header):
            return self._is_own(header)

    def remove(self) -> None:
        """Delete the file if it exists."""
        self.path.unlink(missing_ok=True)

    def _is_own(self, header: Mapping[str, Any]) -> bool:
        return bool(header["format"] == FORMAT and header["identity"] == self.identity)

    @contextmanager
    def _open(self) -> Iterator[tuple[Any, Mapping[str, Any]]]:
        """The open file and its header."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, framework="np") as file:
                yield file, json.loads((file.metadata() or {})[_KEY])
        except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
            raise ModelFileError(
                f"the checkpoint {self.path} is damaged ({error}); delete it to retrain"
            ) from None


def training_variables(network: Any) -> list[Any]:
    """All variables that training changes: weights, random generators, optimizer."""
    seeds = [
        layer.seeds.state if hasattr(layer, "seeds") else layer.seed_generator.state
        for layer in network.layers
        if hasattr(layer, "seeds") or hasattr(layer, "seed_generator")
    ]
    return [*network.weights, *seeds, *network.optimizer.variables]


def copy_values(variables: Sequence[Any]) -> list[NDArray[Any]]:
    """Copies of the values of variables."""
    import keras

    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def restore_variables(network: Any, values: Sequence[NDArray[Any]]) -> None:
    """Assign saved values to the ``training_variables`` of a network.

    Raises:
        SeqgenError: Their shapes do not match.
    """
    variables = training_variables(network)
    if [tuple(part.shape) for part in variables] != [part.shape for part in values]:
        raise SeqgenError(
            "the checkpoint is of another version of seqgen or Keras: its variables do not "
            "match; delete the checkpoint files in the run folder to retrain"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)

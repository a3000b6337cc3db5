"""History of a training: a report per epoch, the stop reason, and TensorBoard's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from seqgen.errors import SeqgenError
from seqgen.training.stop_conditions import StopReason

_MESSAGES = {
    StopReason.EPOCHS: "",
    StopReason.PATIENCE: ", stopped early",
    StopReason.MINUTES: ", stopped at the time limit before the end of its schedule",
    StopReason.DIVERGED: ", stopped because the loss diverged (try a lower --learning-rate)",
    StopReason.INTERRUPTED: ", interrupted",
    StopReason.CALLBACK: ", stopped by a callback",
}


@dataclass(frozen=True, slots=True)
class EpochReport:
    """The result of an epoch.

    Args:
        epoch: Its number, from 1.
        train_nats: Mean nats per token of the training batches, with dropout.
        validation_nats: Nats per token of the validation items, without dropout.
        best: Whether ``validation_nats`` is the lowest so far.
        seconds: Seconds since the training began.
        seconds_left: The estimated remaining seconds; too high after the first epoch, which
            includes compilation.
        epochs: The number of epochs planned at that time.
    """

    epoch: int
    train_nats: float
    validation_nats: float
    best: bool
    seconds: float
    seconds_left: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Training:
    """A finished training.

    Args:
        history: A report per epoch.
        ended: Why it ended.
        execution: The backend, and how it ran the steps.
    """

    history: tuple[EpochReport, ...]
    ended: StopReason
    execution: str = ""

    @property
    def best(self) -> EpochReport | None:
        """The report of the epoch whose weights the model has; None without an epoch."""
        return best_epoch(self.history)


def best_epoch(history: Sequence[EpochReport]) -> EpochReport | None:
    """The first epoch with the lowest validation loss; None without an epoch."""
    return min(history, key=lambda report: report.validation_nats, default=None)


def describe_training(training: Mapping[str, Any], networks: int, time: str = "") -> str:
    """The length of a training, its stop reason and the best epoch.

    Args:
        training: ``training_ended`` of a model file.
        networks: The number of networks trained; only one has a best epoch.
        time: Text that follows the number of epochs.
    """
    several = f" of {networks} networks" if networks > 1 else ""
    best = "" if several else f"; best epoch {training['best_epoch']}"
    plural = "s" * (training["epochs"] > 1)
    reason = _MESSAGES[StopReason(training["ended"])]
    return f"{training['epochs']} epoch{plural}{several}{time}{reason}{best}"


def check_tensorboard() -> None:
    """Check that TensorBoard is installed.

    Raises:
        SeqgenError: It is not.
    """
    try:
        import_module("tensorboard")
    except ImportError:
        raise SeqgenError(
            "--tensorboard needs the package tensorboard; install it with "
            "pip install 'seqgen[tensorboard]', or omit the flag: history.csv has the same values"
        ) from None


def tensorboard_callbacks(folder: Path | None, network: int) -> list[Any]:
    """The Keras callbacks that write the event files of a network.

    Args:
        folder: The folder of all networks; None for no callbacks.
        network: The number of the network, from 1.
    """
    if folder is None:
        return []
    check_tensorboard()
    import keras

    # The graph would contain the model a second time.
    return [keras.callbacks.TensorBoard(str(folder / f"network{network}"), write_graph=False)]

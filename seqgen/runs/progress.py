"""Progress on stderr: a line that a terminal redraws, or a new line every few seconds."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO, final

if TYPE_CHECKING:
    from rich.status import Status

    from seqgen.runs.minutes_plan import Plan
    from seqgen.training.history import EpochReport

#: Seconds between two lines, at least, if no terminal redraws one.
SECONDS_BETWEEN_LINES = 10.0
#: Jupyter, its older versions, and Colab set these. What a notebook runs has a pseudo-terminal,
#: and every frame that is drawn to it is saved in the notebook.
NOTEBOOK_VARIABLES = ("JPY_SESSION_NAME", "JPY_PARENT_PID", "COLAB_RELEASE_TAG")


def _stream() -> TextIO:
    """Standard error; in a notebook standard output, as it shows standard error like an error."""
    return sys.stdout if "ipykernel.kernelapp" in sys.modules else sys.stderr


class Progress:
    """A line on stderr that says what runs now; a context manager.

    Args:
        text: The first text.
    """

    def __init__(self, text: str) -> None:
        self._text, self._last = text, time.monotonic()
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not any(name in os.environ for name in NOTEBOOK_VARIABLES):
            from rich.console import Console

            self._status = Console(stderr=True).status(self._text)
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def update(self, text: str) -> None:
        """Replace the text of the line."""
        if self._status is not None:
            self._status.update(text)
        elif time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            print(text, file=_stream(), flush=True)

    def print(self, text: str) -> None:
        """Print a line that stays."""
        if self._status is not None:
            self._status.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=_stream(), flush=True)


@final
class TrainingProgress(Progress):
    """The progress of a training, updated every epoch.

    Args:
        networks: How many networks are trained.
        folds: How many folds of cross-validation; 0 without.
    """

    def __init__(self, networks: int = 1, folds: int = 0) -> None:
        super().__init__("starting Keras and TensorFlow ...")
        self._networks, self._folds, self._fold = networks, folds, 1
        self._shown = 0, 0
        self._best = float("inf")

    def show_plan(self, plan: Plan) -> None:
        """Print the plan of a time budget."""
        self._networks = plan.networks
        self.print(plan.describe())

    def show_scoring(self, ended: str) -> None:
        """Training has ended, and the model is scored."""
        if ended == "interrupted":
            self.print("interrupted: scoring the model; Ctrl-C again leaves only the checkpoint")
        if self._status is not None:
            self._status.update("scoring the held-out items ...")

    def finish_fold(self) -> None:
        """A fold is complete."""
        self.print(f"fold {self._fold} of {self._folds} is complete")
        self._fold += 1

    def show_epoch(self, report: EpochReport, network: int = 1) -> None:
        """Show the metrics of an epoch; networks are counted from 1."""
        if (network, report.epoch - 1) != self._shown:  # another network or training
            self._best = float("inf")
        self._shown = network, report.epoch
        self._best = min(self._best, report.validation_nats)
        fold = f"fold {self._fold}/{self._folds} " if self._folds else ""
        several = self._networks > 1
        part = f"{fold}network {network}/{self._networks} " if several else fold
        # The first epoch compiles the step, so an estimate from it would be far too long.
        whose = " for this network" if several or fold else ""
        left = f"  {_clock(report.seconds_left)} left{whose}" if report.epoch > 1 else ""
        self.update(
            f"{part}epoch {report.epoch}/{report.epochs}  nats: train {report.train_nats:.3f}, "
            f"validation {report.validation_nats:.3f} (best {self._best:.3f}){left}"
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"

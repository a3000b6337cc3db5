"""Progress on stderr: a line that a terminal redraws, or a new line every few seconds.

A notebook shows one bar that is replaced, so that its saved file holds the last state only.
"""

from __future__ import annotations

import html
import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO, final

if TYPE_CHECKING:
    from rich.status import Status

    from seqgen.runs.minutes_plan import Plan
    from seqgen.training.history import EpochReport

#: Seconds between two lines, at least, if no terminal redraws one.
SECONDS_BETWEEN_LINES = 10.0
#: Seconds between two updates of the bar of a notebook, at least.
SECONDS_BETWEEN_BARS = 0.25
#: Jupyter, its older versions, and Colab set these. What a notebook runs has a pseudo-terminal,
#: and every frame that is drawn to it is saved in the notebook.
NOTEBOOK_VARIABLES = ("JPY_SESSION_NAME", "JPY_PARENT_PID", "COLAB_RELEASE_TAG")


def _stream() -> TextIO:
    """Standard error; in a notebook standard output, as it shows standard error like an error."""
    return sys.stdout if "ipykernel.kernelapp" in sys.modules else sys.stderr


def _show_html(text: str) -> Any:
    """Show HTML in the notebook whose kernel this is; returns the handle that replaces it.

    Returns:
        None outside a notebook.
    """
    if "ipykernel.kernelapp" not in sys.modules:
        return None
    from IPython import get_ipython
    from IPython.display import HTML, display

    if get_ipython() is None:
        return None  # a child process of a kernel
    return display(HTML(text), display_id=True)


def _bar(text: str, share: float) -> str:
    """A progress bar with a text."""
    return (
        f'<progress max="1" value="{share:.3f}" style="width:12rem"></progress> '
        f"<code>{html.escape(text)}</code>"
    )


class Progress:
    """A line on stderr that says what runs now; a context manager.

    Args:
        text: The first text.
    """

    def __init__(self, text: str) -> None:
        self._text, self._last = text, time.monotonic()
        self._status: Status | None = None
        #: What replaces the bar in a notebook.
        self._handle: Any = None
        self._share = 0.0

    def __enter__(self) -> Self:
        self._handle = _show_html(_bar(self._text, 0.0))
        if (
            self._handle is None
            and sys.stderr.isatty()
            and not any(name in os.environ for name in NOTEBOOK_VARIABLES)
        ):
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
        self._update_bar()

    def update(self, text: str, share: float = 0.0) -> None:
        """Replace the text of the line.

        Args:
            text: The new text.
            share: How much is done, 0 to 1; the bar of a notebook shows it.
        """
        self._text, self._share = text, share
        if self._status is not None:
            self._status.update(text)
        elif self._handle is not None:
            if time.monotonic() - self._last >= SECONDS_BETWEEN_BARS:
                self._update_bar()
        elif time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            print(text, file=_stream(), flush=True)

    def _update_bar(self) -> None:
        if self._handle is not None:
            from IPython.display import HTML

            self._last = time.monotonic()
            self._handle.update(HTML(_bar(self._text, self._share)))

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
            f"validation {report.validation_nats:.3f} (best {self._best:.3f}){left}",
            share=report.epoch / report.epochs,
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"

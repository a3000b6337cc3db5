"""Progress: one line that shows how training, or another long work, goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self, final

if TYPE_CHECKING:
    from rich.status import Status

    from seqgen.runs.time_budget.plan import Plan
    from seqgen.training.history import EpochReport

#: Where no terminal can redraw the line, a new one is written no more often than this.
SECONDS_BETWEEN_LINES = 10.0


@final
class TrainingLine:
    """A single line on stderr, redrawn every epoch in a terminal."""

    def __init__(self, networks: int = 1) -> None:
        self._networks, self._last_shown = networks, (0, 0)
        self._status: Status | None = None
        self._last = time.monotonic()
        self._best = float("inf")

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("starting Keras and TensorFlow ...")
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

    def tell(self, text: str) -> None:
        """A line that stays."""
        if self._status is not None:
            self._status.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=sys.stderr, flush=True)

    def follow(self, plan: Plan) -> None:
        """A training follows a plan: tell it, and count by it."""
        self._networks = plan.networks
        self.tell(plan.in_words())

    def score(self, ended: str) -> None:
        """Training is over, and the model is scored."""
        if ended == "interrupted":
            self.tell("interrupted: scoring what there is; Ctrl-C again leaves only the checkpoint")
        if self._status is not None:
            self._status.update("scoring the held-out items ...")

    def show(self, report: EpochReport, network: int = 1) -> None:
        """The figures of an epoch that has ended, of a network counted from 1."""
        # A network of its own, or of the next of several trainings, has a best of its own.
        if (network, report.epoch - 1) != self._last_shown:
            self._best = float("inf")
        self._last_shown = network, report.epoch
        self._best = min(self._best, report.validation_nats)
        of = f"network {network}/{self._networks} " if self._networks > 1 else ""
        left = f"  {_clock(report.seconds_left)} left" if report.epoch > 1 else ""
        text = (
            f"{of}epoch {report.epoch}/{report.epochs}  nats: train {report.train_nats:.3f}, "
            f"validation {report.validation_nats:.3f} (best {self._best:.3f}){left}"
        )
        if self._status is not None:
            self._status.update(text)
        elif time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            print(text, file=sys.stderr, flush=True)


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """A line on stderr for as long as a work takes, in a terminal only; gives what changes it."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{text} ...") as status:
        yield lambda text: status.update(f"{text} ...")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"

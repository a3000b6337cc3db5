"""What stops a training: StopReason, Deadline for a time limit, Interrupt for Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from types import FrameType
from typing import final

#: The share of the time that epochs are planned for, so that none has to be cut.
PLANNED_SHARE = 0.98
#: The number of epochs is changed if the remaining ones would take 5 % longer than the remaining
#: time, or 10 % less.
TOO_LONG, TOO_SHORT = 1.05, 0.9


class StopReason(StrEnum):
    """Why a training ended; model files store the value."""

    EPOCHS = "epochs"
    PATIENCE = "patience"
    MINUTES = "minutes"
    DIVERGED = "diverged"  # the loss became NaN or infinite
    INTERRUPTED = "interrupted"
    CALLBACK = "callback"  # a callback of the user set stop_training

    @classmethod
    def combine(cls, reasons: Sequence[StopReason]) -> StopReason:
        """The reason of several networks: an abnormal one if there is any, else the last."""
        abnormal = (cls.INTERRUPTED, cls.DIVERGED, cls.MINUTES)
        return next((reason for reason in abnormal if reason in reasons), reasons[-1])


@final
@dataclass(frozen=True, slots=True)
class Deadline:
    """The time limit of one training: adapts the number of epochs to it, and stops at it.

    A change is reported before it takes effect, so that it can be saved: the same changes give
    the same weights.

    Args:
        seconds: The time limit.
        changes: Changes of an earlier training, by epoch: the number of epochs from then on.
        frozen: Whether to make no further changes.
        max_epochs: Maximum number of epochs.
        on_change: Called with the epoch and the new number of epochs.
    """

    seconds: float
    changes: Mapping[int, int] = field(default_factory=dict)
    frozen: bool = False
    max_epochs: int = 100_000
    on_change: Callable[[int, int], None] = lambda epoch, epochs: None

    def is_over(self, seconds: float) -> bool:
        """Whether a training has to stop after this time."""
        return seconds >= self.seconds

    def adapt_epochs(self, planned: int, ends: Sequence[float]) -> int:
        """The total number of epochs that fit into the time.

        Args:
            planned: The number planned so far.
            ends: The end of each finished epoch, in seconds since the training began.
        """
        done = len(ends)
        if done in self.changes:
            return self.changes[done]
        if self.frozen or done < 2:  # the first epoch includes tracing
            return planned
        left = self._remaining_epochs(ends)
        if done + left * TOO_SHORT - 1 <= planned <= done + left * TOO_LONG:
            return planned
        epochs = min(done + left, self.max_epochs)
        if epochs != planned:
            self.on_change(done, epochs)
        return epochs

    def _remaining_epochs(self, ends: Sequence[float]) -> int:
        """The epochs that fit into the remaining time, at the mean time of the last half."""
        half = max(len(ends) // 2, 1)
        seconds = (ends[-1] - ends[half - 1]) / (len(ends) - half)
        return int(max(PLANNED_SHARE * self.seconds - ends[-1], 0.0) / max(seconds, 1e-6))


@final
class Interrupt:
    """Records Ctrl-C in addition to the exception, which a library may suppress.

    Keras (3.15.1) waits for the metrics of a step inside a ``try`` that catches everything, which
    on JAX is most of the time of a step, and Python drops exceptions in the garbage collector.
    """

    def __init__(self) -> None:
        self._occurred = False

    @contextmanager
    def record(self) -> Iterator[None]:
        """Record Ctrl-C; only in the main thread, and not if the signal is ignored."""
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler) or threading.current_thread() is not threading.main_thread():
            yield
            return

        def handle(number: int, frame: FrameType | None) -> None:
            self._occurred = True
            handler(number, frame)

        signal.signal(signal.SIGINT, handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, handler)

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if Ctrl-C occurred."""
        if self._occurred:
            raise KeyboardInterrupt

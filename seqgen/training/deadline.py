"""The deadline: holds a training to its time, by the number of its epochs and at last by a stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

#: Epochs are reckoned for so much of the time, so that none has to be cut.
AIMED = 0.98
#: The number of epochs is changed where what is left of them would take so much longer or
#: shorter than the time that is left.
TOO_LONG, TOO_SHORT = 1.05, 0.9


@final
@dataclass(frozen=True, slots=True)
class Change:
    """Another number of epochs than was planned.

    Args:
        network: Whose, counted from 1.
        epoch: Behind which epoch it was decided.
        epochs: How many there are from then on, those that were done counted.
    """

    network: int
    epoch: int
    epochs: int


@final
@dataclass(frozen=True, slots=True)
class Deadline:
    """The time of one training.

    A decision is told before it takes effect, so that whoever tells it on can keep it: the same
    decisions give the same bytes.

    Args:
        seconds: All of its time.
        kept: Decisions that were taken before, epochs by the epoch behind which they were.
        settled: Whether nothing but what was kept is decided; the stop remains.
        most: The most epochs.
        decided: Told of a new decision: the epoch, and how many epochs there are from then on.
    """

    seconds: float
    kept: Mapping[int, int] = field(default_factory=dict)
    settled: bool = False
    most: int = 100_000
    decided: Callable[[int, int], None] = lambda epoch, epochs: None

    def passed(self, seconds: float) -> bool:
        """Whether a training that went on for so long is to be stopped."""
        return seconds >= self.seconds

    def epochs(self, planned: int, ends: Sequence[float]) -> int:
        """How many epochs there are to be, those that are done counted; no more than those ends
        the training.

        Args:
            planned: How many there were to be up to now.
            ends: When each epoch ended that is done, in seconds since the training began.
        """
        done = len(ends)
        if done in self.kept:
            return self.kept[done]
        if self.settled or done < 2:  # the first epoch traces and tells little
            return planned
        fit = self._that_fit(ends)
        if planned <= done + fit * TOO_LONG and planned >= done + fit * TOO_SHORT - 1:
            return planned
        found = min(done + fit, self.most)
        if found != planned:
            self.decided(done, found)
        return found

    def _that_fit(self, ends: Sequence[float]) -> int:
        """The epochs that fit into what is left, if each takes as long as the last half did."""
        since = max(len(ends) // 2, 1)
        each = (ends[-1] - ends[since - 1]) / (len(ends) - since)
        left = AIMED * self.seconds - ends[-1]
        return int(left / max(each, 1e-6)) if left > 0 else 0

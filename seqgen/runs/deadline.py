"""The deadline: ends a training in order when its time is spent, however far its schedule is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from seqgen.training.checkpoint import Checkpoint


@final
class Deadline:
    """Watches one training. The schedule never depends on it, so a training that it does not
    end is the same one without it.

    Args:
        seconds: How long the training may still go on.
        clock: Seconds from any start; counting begins with the training.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._ends = float("inf")
        #: Whether it ended the training.
        self.over = False

    @classmethod
    def of(cls, checkpoint: Checkpoint, seconds: float, clock: Callable[[], float]) -> Deadline:
        """The deadline of a training that may have used a part of its time already.

        Args:
            checkpoint: Tells how long it went before it was stopped.
            seconds: All of its time.
            clock: Seconds from any start.
        """
        saved = checkpoint.load()
        return cls(seconds - (saved.history[-1].seconds if saved else 0.0), clock)

    def callback(self) -> Any:
        """The Keras callback that stops the training behind the step in which time ran out; its
        epoch is still scored, and the best one is kept."""
        import keras

        deadline = self

        class Watch(keras.callbacks.Callback):  # type: ignore[misc]
            """Looks at the clock after every step."""

            def on_train_begin(self, logs: Any = None) -> None:
                deadline.begin()

            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                if deadline.passed():
                    self.model.stop_training = True

        return Watch()

    def begin(self) -> None:
        """The training begins now."""
        self._ends = self._clock() + self._seconds

    def passed(self) -> bool:
        """Whether the time is spent; remembered in ``over``."""
        self.over = self.over or self._clock() >= self._ends
        return self.over

"""WarmUpCosine: the learning rate as a function of the optimiser's own step."""

from __future__ import annotations

import math
from typing import Any, final

import keras
from keras import ops

#: The rate never falls below this share of its peak.
LEAST = 0.02


@final
class Stretch:
    """How much of a training is done, whose number of steps may change while it goes on.

    Args:
        steps: How many there are at first.
    """

    def __init__(self, steps: int) -> None:
        #: A step, the share that was done then, and what each further step adds. The optimiser
        #: must track it.
        self.line = keras.Variable(
            [0.0, 0.0, 1.0 / steps], dtype="float32", trainable=False, name="stretch"
        )

    def done(self, step: Any) -> Any:
        """The share that is done at a step, a float."""
        return self.line[1] + (step - self.line[0]) * self.line[2]

    def change(self, step: int, left: int) -> None:
        """From a step on, what is not done yet takes so many steps, 1 at least."""
        since, share, each = keras.ops.convert_to_numpy(self.line).tolist()
        share = min(share + (step - since) * each, 1.0)
        self.line.assign([float(step), share, (1.0 - share) / left])


@final
@keras.saving.register_keras_serializable(package="seqgen")
class WarmUpCosine(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Linear warm-up, then half a cosine down to 2 % of the peak.

    Source: I. Loshchilov and F. Hutter, arXiv 1608.03983, without restarts.

    Args:
        peak: The highest rate.
        steps: Steps of the whole training.
        warm_up: Share of the steps over which the rate rises, ``[0, 1)``.
        stretch: Says how much is done where the number of steps may change.
    """

    def __init__(
        self, peak: float, steps: int, warm_up: float, stretch: Stretch | None = None
    ) -> None:
        super().__init__()
        self.peak, self.steps, self.warm_up, self.stretch = peak, steps, warm_up, stretch

    def __call__(self, step: Any) -> Any:
        at = ops.cast(step, "float32")
        done = ops.minimum(at / self.steps if self.stretch is None else self.stretch.done(at), 1.0)
        fall = (done - self.warm_up) / (1.0 - self.warm_up)
        share = LEAST + (1.0 - LEAST) * (1.0 + ops.cos(math.pi * fall)) / 2.0
        if self.warm_up:
            rise = ops.maximum(done / self.warm_up, LEAST)
            share = ops.where(done < self.warm_up, rise, share)
        return self.peak * share

    def get_config(self) -> dict[str, Any]:
        """The settings; how they were stretched is no setting."""
        return {"peak": self.peak, "steps": self.steps, "warm_up": self.warm_up}

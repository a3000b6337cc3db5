"""WarmUpCosine: the learning rate as a function of the optimiser's own step."""

from __future__ import annotations

import math
from typing import Any, final

import keras
from keras import ops

#: The rate never falls below this share of its peak.
LEAST = 0.02


@final
@keras.saving.register_keras_serializable(package="seqgen")
class WarmUpCosine(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Linear warm-up, then half a cosine down to 2 % of the peak.

    Source: I. Loshchilov and F. Hutter, arXiv 1608.03983, without restarts.

    Args:
        peak: The highest rate.
        steps: Steps of the whole training.
        warm_up: Share of the steps over which the rate rises, ``[0, 1)``.
        spent: A variable that says how much of a budget is spent, 0 to 1; the rate follows it
            where it is ahead of the steps. The optimiser must track it.
    """

    def __init__(self, peak: float, steps: int, warm_up: float, spent: Any = None) -> None:
        super().__init__()
        self.peak, self.steps, self.warm_up, self.spent = peak, steps, warm_up, spent

    def __call__(self, step: Any) -> Any:
        done = ops.cast(step, "float32") / self.steps
        if self.spent is not None:
            done = ops.maximum(done, self.spent)
        done = ops.minimum(done, 1.0)
        fall = (done - self.warm_up) / (1.0 - self.warm_up)
        share = LEAST + (1.0 - LEAST) * (1.0 + ops.cos(math.pi * fall)) / 2.0
        if self.warm_up:
            rise = ops.maximum(done / self.warm_up, LEAST)
            share = ops.where(done < self.warm_up, rise, share)
        return self.peak * share

    def get_config(self) -> dict[str, Any]:
        """The settings; what was spent of a budget is no setting."""
        return {"peak": self.peak, "steps": self.steps, "warm_up": self.warm_up}

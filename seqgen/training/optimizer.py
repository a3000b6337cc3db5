"""The optimizer: by default AdamW with warm-up, cosine decay, clipping and weight averaging."""

from __future__ import annotations

import math
from typing import Any, final

import keras
from keras import ops

from seqgen.training.train_config import TrainConfig
from seqgen.training.training_objects import TrainingObjects

#: The minimum of the learning rate as a share of its peak.
MIN_RATE = 0.02
NO_OBJECTS = TrainingObjects()


def make_optimizer(
    config: TrainConfig,
    steps: int,
    adjustable: bool = False,
    objects: TrainingObjects = NO_OBJECTS,
) -> Any:
    """The optimizer of the settings, or a copy of the user's own.

    That of the settings has gradient clipping, an optional exponential moving average of the
    weights, and a schedule of its learning rate.

    The learning rate and the average are computed inside the step from variables of the
    optimizer, so they are correct on every backend and for several steps per call.

    Sources: I. Loshchilov and F. Hutter, arXiv 1711.05101 (AdamW); B. Polyak and A. Juditsky,
    SIAM J. Control Optim. 30 (1992) (averaging).

    Args:
        config: The settings.
        steps: The number of steps of the training.
        adjustable: Whether that number may change during the training. If so, the optimizer has
            a method ``set_remaining_steps(step, remaining)``.
        objects: The user's optimizer or learning-rate schedule, which do not depend on the number
            of steps.
    """
    if objects.optimizer is not None:
        return objects.make_optimizer(config)
    own = objects.schedule
    progress = Progress(steps) if adjustable and own is None else None
    classes = {name.lower(): name for name in dir(keras.optimizers)}
    special = {"beta_2": 0.99} if config.optimizer == "adamw" else {}
    optimizer = getattr(keras.optimizers, classes[config.optimizer])(
        learning_rate=own or WarmUpCosine(config.learning_rate, steps, config.warm_up, progress),
        weight_decay=config.weight_decay,
        **special,
        global_clipnorm=config.clip_norm,
        use_ema=bool(config.ema),
        ema_momentum=config.ema or 0.99,
    )
    if progress is not None:
        # As a variable of the optimizer it is part of the state of a step on JAX, and of a
        # checkpoint.
        optimizer._track_variable(progress.line)
        optimizer.set_remaining_steps = progress.set_remaining_steps
    return optimizer


@final
class Progress:
    """The progress of a training whose number of steps may change, from 0 to 1.

    Args:
        steps: The initial number of steps.
    """

    def __init__(self, steps: int) -> None:
        #: A step, the progress at that step, and the progress of each further step.
        self.line = keras.Variable(
            [0.0, 0.0, 1.0 / steps], dtype="float32", trainable=False, name="progress"
        )

    def at(self, step: Any) -> Any:
        """The progress at a step."""
        return self.line[1] + (step - self.line[0]) * self.line[2]

    def set_remaining_steps(self, step: int, remaining: int) -> None:
        """From ``step`` on, the rest of the progress takes ``remaining`` steps, at least 1."""
        since, progress, rate = keras.ops.convert_to_numpy(self.line).tolist()
        progress = min(progress + (step - since) * rate, 1.0)
        self.line.assign([float(step), progress, (1.0 - progress) / remaining])


@final
@keras.saving.register_keras_serializable(package="seqgen")
class WarmUpCosine(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Linear warm-up, then cosine decay to 2 % of the peak.

    Source: I. Loshchilov and F. Hutter, arXiv 1608.03983, without restarts.

    Args:
        peak: The maximum rate.
        steps: The number of steps of the training.
        warm_up: The share of the steps of the warm-up, ``[0, 1)``.
        progress: The progress, if the number of steps may change.
    """

    def __init__(
        self, peak: float, steps: int, warm_up: float, progress: Progress | None = None
    ) -> None:
        super().__init__()
        self.peak, self.steps, self.warm_up, self.progress = peak, steps, warm_up, progress

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        progress = ops.minimum(
            step / self.steps if self.progress is None else self.progress.at(step), 1.0
        )
        decay = (progress - self.warm_up) / (1.0 - self.warm_up)
        share = MIN_RATE + (1.0 - MIN_RATE) * (1.0 + ops.cos(math.pi * decay)) / 2.0
        if self.warm_up:
            rise = ops.maximum(progress / self.warm_up, MIN_RATE)
            share = ops.where(progress < self.warm_up, rise, share)
        return self.peak * share

    def get_config(self) -> dict[str, Any]:
        """The settings, without changes of the number of steps."""
        return {"peak": self.peak, "steps": self.steps, "warm_up": self.warm_up}

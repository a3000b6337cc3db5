"""The optimiser of a training, from its settings."""

from __future__ import annotations

from typing import Any

from seqgen.training.config import TrainConfig


def make_optimizer(config: TrainConfig, steps: int, stretching: bool = False) -> Any:
    """AdamW with clipped gradients and, where asked for, a running mean of the weights.

    Learning rate and mean are computed in the step itself, from the optimiser's own variables,
    so they are right on every backend and however many steps run in one call.

    Sources: I. Loshchilov and F. Hutter, arXiv 1711.05101 (AdamW); B. Polyak and A. Juditsky,
    SIAM J. Control Optim. 30 (1992) for averaging.

    Args:
        config: The settings.
        steps: Steps of the whole training.
        stretching: Whether that number may change while it goes on. The optimiser then has a
            method ``stretch(step, left)``: from that step on, so many steps are left.
    """
    import keras

    from seqgen.training.lr_schedule import Stretch, WarmUpCosine

    averaging = {"use_ema": True, "ema_momentum": config.ema} if config.ema else {}
    stretch = Stretch(steps) if stretching else None
    optimizer = keras.optimizers.AdamW(
        learning_rate=WarmUpCosine(config.learning_rate, steps, config.warm_up, stretch),
        weight_decay=config.weight_decay,
        beta_2=0.99,
        global_clipnorm=config.clip_norm,
        **averaging,
    )
    if stretch is not None:
        # Among the optimiser's variables it is part of the state that a step is given on JAX,
        # and of a checkpoint.
        optimizer._track_variable(stretch.line)
        optimizer.stretch = stretch.change
    return optimizer

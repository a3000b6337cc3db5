"""The optimiser of a training, from its settings."""

from __future__ import annotations

from typing import Any

from seqgen.training.config import TrainConfig


def make_optimizer(config: TrainConfig, steps: int) -> Any:
    """AdamW with clipped gradients and, where asked for, a running mean of the weights.

    Learning rate and mean are computed in the step itself, from the optimiser's own variables,
    so they are right on every backend and however many steps run in one call. With a budget of
    time, the rate follows ``optimizer.spent`` too, a variable from 0 to 1 (see
    ``WarmUpCosine``).

    Sources: I. Loshchilov and F. Hutter, arXiv 1711.05101 (AdamW); B. Polyak and A. Juditsky,
    SIAM J. Control Optim. 30 (1992) for averaging.

    Args:
        config: The settings.
        steps: Steps of the whole training.
    """
    import keras

    from seqgen.training.schedule import WarmUpCosine

    averaging = {"use_ema": True, "ema_momentum": config.ema} if config.ema else {}
    spent = None
    if config.minutes is not None:
        spent = keras.Variable(0.0, dtype="float32", trainable=False, name="spent")
    optimizer = keras.optimizers.AdamW(
        learning_rate=WarmUpCosine(config.learning_rate, steps, config.warm_up, spent),
        weight_decay=config.weight_decay,
        beta_2=0.99,
        global_clipnorm=config.clip_norm,
        **averaging,
    )
    if spent is not None:
        # Among the optimiser's variables it is part of the state that a step is given on JAX.
        optimizer._track_variable(spent)
        optimizer.spent = spent
    return optimizer

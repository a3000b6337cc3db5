"""The optimiser, the loss and the metric of a training, from its settings."""

from __future__ import annotations

from typing import Any

from seqgen.training.config import TrainConfig


def make_optimizer(config: TrainConfig) -> Any:
    """AdamW with clipped gradients and, where asked for, a running mean of the weights.

    Sources: I. Loshchilov and F. Hutter, arXiv 1711.05101 (AdamW); B. Polyak and A. Juditsky,
    SIAM J. Control Optim. 30 (1992) for averaging.
    """
    import keras

    averaging = {"use_ema": True, "ema_momentum": config.ema} if config.ema else {}
    return keras.optimizers.AdamW(
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        beta_2=0.99,
        global_clipnorm=config.clip_norm,
        **averaging,
    )


def make_loss(config: TrainConfig) -> Any:
    """Mean cross-entropy of the real tokens; smoothed towards all tokens where asked for.

    Source: C. Szegedy et al., arXiv 1512.00567, section 7 (label smoothing).
    """
    import keras

    if not config.label_smoothing:
        return keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )

    class Smoothed(keras.losses.Loss):  # type: ignore[misc]
        """Cross-entropy against the target, a share of which is spread over all tokens."""

        def call(self, targets: Any, logits: Any) -> Any:
            logs = keras.ops.log_softmax(logits, axis=-1)
            ids = keras.ops.cast(targets, "int32")  # Keras hands every target on as a float
            right = keras.ops.take_along_axis(logs, ids[..., None], axis=-1)[..., 0]
            spread = keras.ops.mean(logs, axis=-1)
            return -(1 - config.label_smoothing) * right - config.label_smoothing * spread

    return Smoothed(reduction="mean_with_sample_weight")


def make_metric() -> Any:
    """Nats per real token over all batches of an epoch together, named ``nats``.

    Keras' own ``SparseCategoricalCrossentropy`` takes the mean of each item over its padded
    length first, so that tokens in batches of short items count for more.
    """
    import keras

    class Nats(keras.metrics.Metric):  # type: ignore[misc]
        """The nats of all tokens over their number."""

        def __init__(self) -> None:
            super().__init__(name="nats")
            self.nats = self.add_variable((), "zeros", name="nats")
            self.tokens = self.add_variable((), "zeros", name="tokens")

        def update_state(self, targets: Any, logits: Any, sample_weight: Any = None) -> None:
            nats = keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True)
            weights = keras.ops.ones_like(nats) if sample_weight is None else sample_weight
            self.nats.assign_add(keras.ops.sum(nats * weights))
            self.tokens.assign_add(keras.ops.sum(weights))

        def result(self) -> Any:
            return self.nats / self.tokens

    return Nats()

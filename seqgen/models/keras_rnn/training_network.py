"""TokenNetwork: the Keras model that ``fit`` trains, with its loss, several steps per call."""

from __future__ import annotations

from typing import Any, final

import keras
from keras import ops

from seqgen.models.cells.keras_scan import repeat_step, repeat_step_on_jax


@final
class TokenNetwork(keras.Model):  # type: ignore[misc]
    """Inputs to logits ``(B, T, V)``; batches are stacked, ``(N, B, T)``, N steps per call.

    The loss is the mean cross-entropy of the real tokens, in nats, and the metric ``nats`` is
    its mean over all tokens of an epoch: one computation serves both.

    Source: C. Szegedy et al., arXiv 1512.00567, section 7 (label smoothing).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nats = keras.metrics.Mean(name="nats")
        self.smoothing, self.compiled_steps = 0.0, False

    def prepare(self, optimizer: Any, smoothing: float, compiled: bool) -> None:
        """Compile for ``fit``.

        Args:
            optimizer: A Keras optimizer.
            smoothing: Share of the target that is spread over all tokens; not part of metrics.
            compiled: Whether XLA compiles the entire step; on JAX it always does.
        """
        self.smoothing, self.compiled_steps = smoothing, compiled
        # Keras would also compile validation, whose batches are few and of many shapes, and it
        # refuses if kernels must be deterministic, which XLA's are on a CPU.
        self.compile(optimizer=optimizer, jit_compile=keras.backend.backend() == "jax")
        optimizer.build(self.trainable_variables)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        targets, count = ops.cast(y, "int32"), ops.sum(sample_weight)
        nats = ops.sparse_categorical_crossentropy(targets, y_pred, from_logits=True)  # (B, T)
        mean = ops.sum(nats * sample_weight) / count
        self.nats.update_state(mean, sample_weight=count)
        if not (training and self.smoothing):
            return mean
        spread = ops.logsumexp(y_pred, axis=-1) - ops.mean(y_pred, axis=-1)
        spread = ops.sum(spread * sample_weight) / count
        return (1.0 - self.smoothing) * mean + self.smoothing * spread

    def train_step(self, *args: Any) -> Any:
        # On JAX the first argument is the state, which is also returned.
        *state, data = args
        step = super().train_step
        if state:
            return repeat_step_on_jax(step, state[0], data)
        repeat_step(step, data, self.compiled_steps)
        return self.get_metrics_result()

"""The Keras backend: quiet, seeded and deterministic, set up before the first layer is made."""

from __future__ import annotations

import os


def prepare_backend(seed: int) -> None:
    """Import Keras quietly, seed every generator it knows and ask for deterministic kernels.

    The host does this, not a plugin, because all of it is process-wide. ``KERAS_BACKEND``
    chooses another backend than TensorFlow.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()

"""The Keras backend: quiet, seeded and deterministic, set up before the first layer is made."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from seqgen.errors import SeqgenError

BACKENDS = ("tensorflow", "jax", "torch")


def prepare_backend(seed: int) -> None:
    """Import Keras quietly, seed every generator it knows and ask for deterministic kernels.

    The host does this, not a plugin, because all of it is process-wide.

    Raises:
        SeqgenError: ``KERAS_BACKEND`` names another backend than TensorFlow, JAX or PyTorch.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _native_messages_held_back():
        import keras

        check_backend(keras.backend.backend())
        keras.utils.set_random_seed(seed)
        if keras.backend.backend() == "tensorflow":
            import tensorflow

            tensorflow.config.experimental.enable_op_determinism()
            if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":
                # Its Python half warns of functions traced again, as those of each network are.
                tensorflow.get_logger().setLevel("ERROR")
            # Looking for a GPU logs lines of its own; let it happen here.
            tensorflow.config.list_logical_devices()
        if keras.backend.backend() == "torch":
            import torch

            # What cuBLAS asks for before its products are the same twice.
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
            torch.use_deterministic_algorithms(True)


def check_backend(name: str) -> None:
    """Refuse a backend on which training was never shown to be right.

    The tests of training hold on TensorFlow, on JAX and on PyTorch.

    Raises:
        SeqgenError: It is another.
    """
    if name not in BACKENDS:
        raise SeqgenError(
            "training needs Keras' TensorFlow, JAX or PyTorch backend, but KERAS_BACKEND is "
            f"{name!r}; unset it or set it to {', '.join(BACKENDS[:-1])} or {BACKENDS[-1]}"
        )


@contextmanager
def _native_messages_held_back() -> Iterator[None]:
    """Keep what TensorFlow's C++ half writes to stderr while it loads, unless loading fails.

    Some of its lines are written before any log level applies, so the file descriptor itself
    is turned aside. ``TF_CPP_MIN_LOG_LEVEL`` below 3 leaves it alone.
    """
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] != "3" or "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            if failed:
                aside.seek(0)
                os.write(2, aside.read())

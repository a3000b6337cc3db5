"""The Keras backend: quiet, seeded and deterministic, set up before the first layer is made."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, metadata

from seqgen.errors import SeqgenError

BACKENDS = ("tensorflow", "jax", "torch")


def prepare_backend(seed: int) -> None:
    """Import Keras quietly, seed every generator it knows, ask for deterministic kernels and for
    products of whole float32 numbers.

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
        {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()]()


def _tensorflow() -> None:
    import tensorflow

    tensorflow.config.experimental.enable_op_determinism()
    # Rounded to TF32, as is its default on NVIDIA cards, NumPy would disagree with the model.
    tensorflow.config.experimental.enable_tensor_float_32_execution(False)
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":
        # Its Python half warns of functions traced again, as those of each network are.
        tensorflow.get_logger().setLevel("ERROR")
    # Looking for a GPU logs lines of its own; let it happen here.
    tensorflow.config.list_logical_devices()


def _jax() -> None:
    import jax

    jax.config.update("jax_default_matmul_precision", "highest")  # no TF32 here either


def _torch() -> None:
    import torch

    # What cuBLAS asks for before its products are the same twice.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    torch.set_float32_matmul_precision("highest")  # its default, but for an environment variable
    torch.backends.cudnn.allow_tf32 = False


def on_cpu() -> bool:
    """Whether Keras computes on the CPU; it is set up by then."""
    import keras

    return "cpu" in str(keras.ops.zeros(()).device).lower()


def versions() -> str:
    """What a training's bytes depend on beside its settings: one line. Keras is set up by then."""
    import keras
    import numpy

    backend = import_module(keras.backend.backend())
    return (
        f"seqgen {metadata.version('seqgen')}, Keras {keras.__version__}, "
        f"{backend.__name__} {backend.__version__}, NumPy {numpy.__version__}"
    )


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

"""The Keras backend: quiet, seeded and deterministic before the first layer is created."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from importlib.util import find_spec

from seqgen.errors import SeqgenError

#: The backends on which training is tested, by their modules; each is an extra of seqgen.
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def prepare_backend(seed: int) -> None:
    """Import Keras, seed all generators, and set deterministic kernels and full float32 precision.

    All of it applies to the process, so it is done here and not by plugins.

    Raises:
        SeqgenError: As ``choose_backend``.
    """
    os.environ["KERAS_BACKEND"] = choose_backend()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _silence_native_output():
        import keras

        check_backend(keras.backend.backend())
        keras.utils.set_random_seed(seed)
        {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[keras.backend.backend()]()


def choose_backend() -> str:
    """The backend to train on: ``KERAS_BACKEND``, else the first of ``BACKENDS`` that is installed.

    Imports neither Keras nor a backend.

    Raises:
        SeqgenError: ``KERAS_BACKEND`` is not TensorFlow, JAX or PyTorch, or that backend is not
            installed; or none is.
    """
    chosen = os.environ.get("KERAS_BACKEND")
    if chosen:
        check_backend(chosen)
    if find_spec("keras") is not None:
        for name in [chosen] if chosen else BACKENDS:
            if find_spec(name) is not None:
                return name
    if chosen:
        raise SeqgenError(
            f"training needs {BACKENDS[chosen]}, as KERAS_BACKEND is {chosen!r}, but it is not "
            f'installed: pip install "seqgen[{chosen}]"'
        )
    raise SeqgenError(
        "training needs Keras with a backend, and none is installed: pip install "
        '"seqgen[tensorflow]" (or "seqgen[jax]", "seqgen[torch]"). Trained models generate, score '
        "and report without one"
    )


def check_backend(name: str) -> None:
    """Refuse a backend on which training is not tested.

    Raises:
        SeqgenError: It is not TensorFlow, JAX or PyTorch.
    """
    if name not in BACKENDS:
        raise SeqgenError(
            f"training needs Keras' {' or '.join(BACKENDS.values())} backend, but KERAS_BACKEND is "
            f"{name!r}; unset it or set it to {' or '.join(BACKENDS)}"
        )


def _tensorflow() -> None:
    import tensorflow

    tensorflow.config.experimental.enable_op_determinism()
    # TF32, the default on NVIDIA GPUs, would make the model differ from NumPy.
    tensorflow.config.experimental.enable_tensor_float_32_execution(False)
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":
        # It warns that functions are retraced, which each network needs.
        tensorflow.get_logger().setLevel("ERROR")
    # The search for a GPU logs messages; do it while output is silenced.
    tensorflow.config.list_logical_devices()


def _jax() -> None:
    import jax

    jax.config.update("jax_default_matmul_precision", "highest")  # no TF32


def _torch() -> None:
    import torch

    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # for deterministic cuBLAS
    torch.use_deterministic_algorithms(True)
    torch.set_float32_matmul_precision("highest")  # the default, unless a variable changes it
    torch.backends.cudnn.allow_tf32 = False


def on_cpu() -> bool:
    """Whether Keras computes on the CPU; Keras must be set up."""
    import keras

    return "cpu" in str(keras.ops.zeros(()).device).lower()


def library_versions() -> dict[str, str]:
    """The versions of the libraries that compute, by name; Keras must be set up."""
    import keras
    import numpy

    backend = import_module(keras.backend.backend())
    return {
        "seqgen": metadata.version("seqgen"),
        "Keras": keras.__version__,
        backend.__name__: backend.__version__,
        "NumPy": numpy.__version__,
    }


@contextmanager
def _silence_native_output() -> Iterator[None]:
    """Hide what TensorFlow's C++ code writes to stderr while it loads, unless loading fails.

    Some messages come before any log level applies, so the file descriptor is redirected. Does
    nothing if ``TF_CPP_MIN_LOG_LEVEL`` is below 3.
    """
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] != "3" or "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            if failed:
                output.seek(0)
                os.write(2, output.read())

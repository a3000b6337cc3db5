"""The Keras backend: only tested ones are accepted, with full precision and no warnings."""

from __future__ import annotations

import logging
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from seqgen.errors import SeqgenError
from seqgen.training.backend import check_backend


@pytest.mark.parametrize("name", ["numpy", "openvino"])
def test_an_untested_backend_is_refused(name: str) -> None:
    with pytest.raises(SeqgenError, match=f"KERAS_BACKEND is '{name}'"):
        check_backend(name)


@pytest.mark.slow
def test_tensorflow_does_not_warn_of_retracing(keras_rnn: ModuleType) -> None:
    """Each network is traced again, which TensorFlow warns of by default."""
    if keras_rnn.keras.backend.backend() == "tensorflow":
        assert logging.getLogger("tensorflow").level == logging.ERROR


@pytest.mark.slow
def test_products_have_full_float32_precision(keras_rnn: ModuleType) -> None:
    """TF32, the default of TensorFlow and JAX on NVIDIA cards, is off."""
    name = keras_rnn.keras.backend.backend()
    backend: Any = import_module(name)
    if name == "tensorflow":
        assert not backend.config.experimental.tensor_float_32_execution_enabled()
    elif name == "jax":
        assert backend.config.jax_default_matmul_precision == "highest"
    else:
        assert backend.get_float32_matmul_precision() == "highest"
        assert not backend.backends.cuda.matmul.allow_tf32
        assert not backend.backends.cudnn.allow_tf32


@pytest.mark.parametrize("name", ["tensorflow", "jax", "torch"])
def test_a_tested_backend_is_accepted(name: str) -> None:
    check_backend(name)

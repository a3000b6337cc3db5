"""Training refuses a Keras backend on which it would go wrong unseen."""

from __future__ import annotations

import logging
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from seqgen.errors import SeqgenError
from seqgen.training.backend import check_backend


@pytest.mark.parametrize("name", ["numpy", "openvino"])
def test_another_backend_is_refused_by_name(name: str) -> None:
    with pytest.raises(SeqgenError, match=f"KERAS_BACKEND is '{name}'"):
        check_backend(name)


@pytest.mark.slow
def test_tensorflow_warns_of_nothing_that_seqgen_means_to_do(keras_rnn: ModuleType) -> None:
    """Several networks are traced one behind the other, which it took for an accident."""
    if keras_rnn.keras.backend.backend() == "tensorflow":
        assert logging.getLogger("tensorflow").level == logging.ERROR


@pytest.mark.slow
def test_products_are_of_whole_float32_numbers(keras_rnn: ModuleType) -> None:
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
def test_those_that_hold_are_taken(name: str) -> None:
    check_backend(name)

"""The Keras backend: only tested ones are accepted, with full precision and no warnings."""

from __future__ import annotations

import logging
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from seqgen.errors import SeqgenError
from seqgen.training import backend
from seqgen.training.backend import BACKENDS, check_backend, choose_backend


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


@pytest.mark.parametrize("name", BACKENDS)
def test_a_tested_backend_is_accepted(name: str) -> None:
    check_backend(name)


def only(monkeypatch: pytest.MonkeyPatch, *installed: str, chosen: str = "") -> None:
    """Set the modules that are installed, and KERAS_BACKEND."""
    monkeypatch.setattr(backend, "find_spec", lambda name: name if name in installed else None)
    monkeypatch.setenv("KERAS_BACKEND", chosen)


@pytest.mark.parametrize("name", BACKENDS)
def test_the_installed_backend_is_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    only(monkeypatch, "keras", name)
    assert choose_backend() == name


def test_tensorflow_is_the_default_and_the_variable_overrides_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only(monkeypatch, "keras", *BACKENDS)
    assert choose_backend() == "tensorflow"
    only(monkeypatch, "keras", *BACKENDS, chosen="torch")
    assert choose_backend() == "torch"


@pytest.mark.parametrize("installed", [(), ("keras",), ("torch",)], ids=str)
def test_without_a_backend_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...]
) -> None:
    only(monkeypatch, *installed)
    with pytest.raises(SeqgenError, match=r'none is installed: pip install "seqgen\[tensorflow\]"'):
        choose_backend()


def test_a_chosen_backend_must_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "keras", "tensorflow", chosen="torch")
    with pytest.raises(SeqgenError, match=r'needs PyTorch.*pip install "seqgen\[torch\]"'):
        choose_backend()

"""Training refuses a Keras backend on which it would go wrong unseen."""

from __future__ import annotations

import pytest

from seqgen.errors import SeqgenError
from seqgen.training.backend import check_backend


@pytest.mark.parametrize("name", ["numpy", "openvino"])
def test_another_backend_is_refused_by_name(name: str) -> None:
    with pytest.raises(SeqgenError, match=f"KERAS_BACKEND is '{name}'"):
        check_backend(name)


@pytest.mark.parametrize("name", ["tensorflow", "jax", "torch"])
def test_those_that_hold_are_taken(name: str) -> None:
    check_backend(name)

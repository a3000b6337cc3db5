"""The comparison of Keras with NumPy before and after a training; without Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqgen import Corpus, SeqgenError
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.keras_numpy_equivalence import _compare, certify, check_untrained
from seqgen.runs.run_config import RunConfig
from seqgen.runs.training_batches import model_shape

from ..helpers.fakes import dino_names, dinos, random_weights

CONFIG = RunConfig.build(dinos().domain, {"units": 64, "embedding": 16})
DEEP = RunConfig.build(dinos().domain, {"units": 32, "embedding": 32, "layers": 8})


@pytest.fixture(scope="module")
def data() -> RunData:
    return prepare_data(dinos().domain, Corpus(dino_names()), CONFIG.training)


def halves(
    data: RunData, spread: float, rounded: Any, config: RunConfig = CONFIG
) -> tuple[NumpyRNN, NumpyRNN]:
    """A network with rounded weights, which represents Keras, and one with exact weights."""
    weights = random_weights(config.model, model_shape(data), 0, spread)
    other = {name: rounded(array) for name, array in weights.items()}
    return (
        NumpyRNN(config.model, model_shape(data), other),
        NumpyRNN(config.model, model_shape(data), weights),
    )


def to_tf32(array: Any) -> Any:
    """Round to ten bits of mantissa, as NVIDIA cards round the factors of a TF32 product."""
    return ((array.view(np.uint32) + 0x1000) & np.uint32(0xFFFFE000)).view(np.float32)


def to_neighbours(array: Any) -> Any:
    """The next float32 number of each."""
    return np.nextafter(array, np.float32(9))


@pytest.mark.parametrize("spread", [0.05, 0.1, 0.2])
def test_tf32_is_refused_before_training_and_rounding_is_not(data: RunData, spread: float) -> None:
    check_untrained(*halves(data, spread, to_neighbours), data)
    with pytest.raises(SeqgenError, match=r"before its training.*CUDA_VISIBLE_DEVICES=-1"):
        check_untrained(*halves(data, spread, to_tf32), data)


def test_tf32_is_detected_in_a_deep_network(data: RunData) -> None:
    whole, stepped = halves(data, 0.01, to_tf32, DEEP)
    assert _compare(whole, stepped, data, 4, 32)[0] < 1e-5, "less than rounding makes elsewhere"
    with pytest.raises(SeqgenError, match="before its training"):
        check_untrained(whole, stepped, data)
    check_untrained(*halves(data, 0.01, to_neighbours, DEEP), data)


def test_the_certificate_of_a_trained_model(data: RunData) -> None:
    about = certify(*halves(data, 0.5, to_neighbours), data)
    assert 0 < about["largest_difference_nats"] < 1e-5 and about["tokens"] > 100
    with pytest.raises(SeqgenError, match=r"more than 0\.001; it is not saved"):
        certify(*halves(data, 2.0, to_tf32), data)

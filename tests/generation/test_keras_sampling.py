"""Law 3 on the compiled loop: KerasRNN.draw makes the items that the stepwise generation makes."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from seqgen import CharEncoder, FreeGuide, Vocabulary
from seqgen.generation.config import SamplingConfig
from seqgen.generation.generator import Generator
from seqgen.generation.noise import Noise
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN

ENCODER = CharEncoder(vocabulary=Vocabulary(tuple("abcdefgh")))
STEPS, ROWS = 12, 40


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "embedding"), [("lstm", 0), ("gru", 5)])
def test_the_compiled_loop_draws_the_same_items(
    keras_rnn: ModuleType, cell: str, embedding: int
) -> None:
    config = ModelConfig(cell=cell, units=9, layers=2, embedding=embedding)
    model = keras_rnn.KerasRNN(config, ModelShape(ENCODER.vocabulary.size), seed=3)
    settings = SamplingConfig(max_tokens=STEPS, temperature=0.7, seed=11)
    stepwise = Generator(
        NumpyRNN(config, model.shape, model.weights), ENCODER, FreeGuide(9), settings
    )
    noise = Noise(11, range(ROWS))
    uniforms = np.stack([noise.next() for _ in range(STEPS)])
    tokens, logp = model.draw(uniforms, temperature=0.7)
    assert tokens.shape == logp.shape == (STEPS, ROWS)
    for sample in stepwise.samples(range(ROWS)):
        row, length = sample.index, len(sample.tokens)
        assert tuple(tokens[:length, row]) == sample.tokens
        if sample.finish_reason == "end":
            assert tokens[length, row] == ENCODER.vocabulary.end
            length += 1
        assert logp[:length, row].sum() == pytest.approx(sample.logp_settings, abs=1e-4)

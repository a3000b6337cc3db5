"""The work of every peer: one network, one set of weights, the same uniforms, 200 steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen import FreeGuide
from seqgen.domains.encoder import Vocabulary
from seqgen.domains.symbol_encoder import CharEncoder
from seqgen.generation.generator import Generator
from seqgen.generation.sampler import Noise
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig, weight_shapes

Weights = dict[str, NDArray[np.float32]]

VOCABULARY = 78
STEPS = 200
TEMPERATURE = 0.8
SEED = 7
#: The bias of the end token in the readout: every item has its 200 tokens.
NO_END_BIAS = -30.0


@dataclass(frozen=True)
class Cell:
    """A column of the table.

    Args:
        units: Width of the LSTM.
        batch: Batch size.
        steps: Tokens per row.
    """

    units: int
    batch: int
    steps: int = STEPS

    @property
    def tokens(self) -> int:
        """The number of tokens that one run samples."""
        return self.batch * self.steps

    @cached_property
    def network(self) -> Network:
        """The network of this width."""
        return Network(self.units)

    @cached_property
    def uniforms(self) -> NDArray[np.float64]:
        """The uniforms that seqgen samples with, ``(steps, batch)``."""
        noise = Noise(SEED, range(self.batch))
        return np.stack([noise.next() for _ in range(self.steps)])


class Network:
    """An untrained LSTM over 78 tokens, with logits in the range of a trained one's.

    The page states the entropy of its samples.

    Args:
        units: Width of the LSTM.
        end_bias: The bias of the end token.
    """

    def __init__(self, units: int, end_bias: float = NO_END_BIAS) -> None:
        self.units = units
        self.config = ModelConfig(units=units)
        self.shape = ModelShape(VOCABULARY)
        self.weights = _weights(self.config, self.shape, end_bias)
        self.model = NumpyRNN(self.config, self.shape, self.weights)
        symbols = tuple(chr(0x100 + number) for number in range(VOCABULARY - 1))
        self.encoder = CharEncoder(vocabulary=Vocabulary(symbols))

    def generator(self, batch: int, steps: int, model: Any = None, **settings: Any) -> Generator:
        """A generator without a guide, with the settings of the benchmark."""
        config = SamplingConfig(
            temperature=TEMPERATURE, seed=SEED, batch_size=batch, max_tokens=steps, **settings
        )
        guide = FreeGuide(VOCABULARY)
        return Generator(model or self.model, self.encoder, guide, config)


def _weights(config: ModelConfig, shape: ModelShape, end_bias: float) -> Weights:
    """Uniform kernels, a forget bias of 1 and a wide readout, so that the ranges of gates and
    logits do not depend on the width."""
    rng = np.random.default_rng(SEED)
    units = config.units
    bounds = {"layer0.kernel": 0.134, "layer0.recurrent_kernel": 1.1 / np.sqrt(units)}
    weights = {}
    for name, size in weight_shapes(config, shape).items():
        bound = bounds.get(name, 0.0)
        weights[name] = rng.uniform(-bound, bound, size).astype(np.float32)
    weights["layer0.bias"][units : 2 * units] = 1.0
    spread = 60.0 / np.sqrt(units)
    weights["readout.kernel"] = rng.normal(0, spread, (units, VOCABULARY)).astype(np.float32)
    weights["readout.bias"][-1] = end_bias
    return weights


def token_rows(network: Network) -> NDArray[np.float32]:
    """The input projection of each token and of the start (the last row), gates in Keras order."""
    kernel, bias = network.weights["layer0.kernel"], network.weights["layer0.bias"]
    start = np.zeros((1, kernel.shape[1]), np.float32)
    return np.asarray(np.vstack([kernel, start]) + bias, dtype=np.float32)


def sample_tokens(
    logits: NDArray[np.float32], uniforms: NDArray[np.float64], temperature: float = TEMPERATURE
) -> NDArray[np.int64]:
    """Sample by the inverse CDF in float64, for peers that have no sampler of their own."""
    wide = logits.astype(np.float64) / temperature
    mass = np.exp(wide - wide.max(axis=-1, keepdims=True)).cumsum(axis=-1)
    chosen = (mass <= (uniforms * mass[:, -1])[:, None]).sum(axis=-1)
    return np.asarray(np.minimum(chosen, logits.shape[-1] - 1), dtype=np.int64)


def margins(
    model: Any, samples: NDArray[np.int64], uniforms: NDArray[np.float64], positions: list[int]
) -> list[float]:
    """The distance of a uniform from the nearest boundary of the CDF, at one position per row.

    Args:
        model: A SequenceModel.
        samples: Token ids ``(B, T)``; the model reads those before the position.
        uniforms: ``(B, T)``.
        positions: One per row.

    Returns:
        Distances on the scale of probabilities, computed in float64.
    """
    distances = []
    for row, position in enumerate(positions):
        read = np.array([[model.shape.vocabulary_size, *samples[row, :position]]])
        wide = model.forward(read, None)[0, -1].astype(np.float64) / TEMPERATURE
        mass = np.exp(wide - wide.max()).cumsum()
        distances.append(float(np.abs(mass / mass[-1] - uniforms[row, position]).min()))
    return distances

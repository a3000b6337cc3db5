"""The work that every peer does: one network, one set of weights, uniforms, 200 steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen import FreeGuide
from seqgen.domains.symbol_encoder import CharEncoder
from seqgen.domains.vocabulary import Vocabulary
from seqgen.generation.config import SamplingConfig
from seqgen.generation.generator import Generator
from seqgen.generation.noise import Noise
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN
from seqgen.models.share_weight_rnn import weight_shapes

Weights = dict[str, NDArray[np.float32]]

VOCABULARY = 78
STEPS = 200
TEMPERATURE = 0.8
SEED = 7
#: The bias of the end token in the readout: no item ends before its 200 tokens.
NEVER_ENDS = -30.0


@dataclass(frozen=True)
class Cell:
    """One column of the table.

    Args:
        units: Width of the LSTM.
        batch: Rows side by side.
        steps: Tokens a row.
    """

    units: int
    batch: int
    steps: int = STEPS

    @property
    def tokens(self) -> int:
        """How many tokens one run draws."""
        return self.batch * self.steps

    @cached_property
    def network(self) -> Network:
        """The network of this width."""
        return Network(self.units)

    @cached_property
    def uniforms(self) -> NDArray[np.float64]:
        """The very uniforms that seqgen draws with, shape ``(steps, batch)``."""
        noise = Noise(SEED, range(self.batch))
        return np.stack([noise.next() for _ in range(self.steps)])


class Network:
    """An LSTM over 78 tokens that was not trained, with logits as wide as a trained one's.

    The entropy of its draws is printed in the table, so that nobody need guess what was drawn.

    Args:
        units: Width of the LSTM.
        end_bias: The bias of the end token.
    """

    def __init__(self, units: int, end_bias: float = NEVER_ENDS) -> None:
        self.units = units
        self.config = ModelConfig(units=units)
        self.shape = ModelShape(VOCABULARY)
        self.weights = _weights(self.config, self.shape, end_bias)
        self.model = NumpyRNN(self.config, self.shape, self.weights)
        symbols = tuple(chr(0x100 + number) for number in range(VOCABULARY - 1))
        self.encoder = CharEncoder(vocabulary=Vocabulary(symbols))

    def generator(self, batch: int, steps: int, model: Any = None, **settings: Any) -> Generator:
        """The public way to draw: no guide, and the settings of the benchmark."""
        config = SamplingConfig(
            temperature=TEMPERATURE, seed=SEED, batch_size=batch, max_tokens=steps, **settings
        )
        guide = FreeGuide(VOCABULARY)
        return Generator(model or self.model, self.encoder, guide, config)


def _weights(config: ModelConfig, shape: ModelShape, end_bias: float) -> Weights:
    """Uniform kernels, a forget bias of 1, a wide readout: gates and logits of one size at
    every width."""
    rng = np.random.default_rng(SEED)
    units = config.units
    reach = {"layer0.kernel": 0.134, "layer0.recurrent_kernel": 1.1 / np.sqrt(units)}
    weights = {}
    for name, wanted in weight_shapes(config, shape).items():
        far = reach.get(name, 0.0)
        weights[name] = rng.uniform(-far, far, wanted).astype(np.float32)
    weights["layer0.bias"][units : 2 * units] = 1.0
    spread = 60.0 / np.sqrt(units)
    weights["readout.kernel"] = rng.normal(0, spread, (units, VOCABULARY)).astype(np.float32)
    weights["readout.bias"][-1] = end_bias
    return weights


def token_rows(network: Network) -> NDArray[np.float32]:
    """What each token, and the start (the last row), adds to the gates, in Keras' order."""
    kernel, bias = network.weights["layer0.kernel"], network.weights["layer0.bias"]
    start = np.zeros((1, kernel.shape[1]), np.float32)
    return np.asarray(np.vstack([kernel, start]) + bias, dtype=np.float32)


def draw(
    logits: NDArray[np.float32], uniforms: NDArray[np.float64], temperature: float = TEMPERATURE
) -> NDArray[np.int64]:
    """Inverse CDF in float64: the obvious way, for peers that bring none of their own."""
    wide = logits.astype(np.float64) / temperature
    mass = np.exp(wide - wide.max(axis=-1, keepdims=True)).cumsum(axis=-1)
    chosen = (mass <= (uniforms * mass[:, -1])[:, None]).sum(axis=-1)
    return np.asarray(np.minimum(chosen, logits.shape[-1] - 1), dtype=np.int64)


def margins(
    model: Any, samples: NDArray[np.int64], uniforms: NDArray[np.float64], places: list[int]
) -> list[float]:
    """How far the uniform is from the nearest edge of the CDF, for one place in each row.

    Args:
        model: A SequenceModel.
        samples: Token ids ``(B, T)``; of each row what stands before its place is read.
        uniforms: ``(B, T)``.
        places: One for each row.

    Returns:
        Distances on the scale of probabilities, reckoned in float64.
    """
    found = []
    for row, place in enumerate(places):
        read = np.array([[model.shape.vocabulary_size, *samples[row, :place]]])
        wide = model.forward(read, None)[0, -1].astype(np.float64) / TEMPERATURE
        mass = np.exp(wide - wide.max()).cumsum()
        found.append(float(np.abs(mass / mass[-1] - uniforms[row, place]).min()))
    return found

"""Replay: the same samples in other batches and through Keras, every difference explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.generation.network import SEED, TEMPERATURE, Network
from seqgen.generation.generator import Sample
from seqgen.generation.sampler import Noise

#: Maximum number of tokens; most items end before.
MAX_TOKENS = 100
UNITS = 64
#: The bias of the end token in the readout, for items of very different lengths.
END_BIAS = 3.0

#: The precision of a float32 sum: the sampler sums in float32, this module in float64.
SUM_ROUNDING = 2.0**-20


@dataclass(frozen=True)
class Difference:
    """A sample that differs between two methods.

    Args:
        index: The index of the sample.
        position: The first token that differs, counted from 0.
        margin: The distance of the uniform from the nearest boundary of the cumulative
            distribution there, on the scale of probabilities, with the item in a batch of 1.
        deviation: The maximum difference of the two cumulative distributions there, caused by
            rounding in the logits.
    """

    index: int
    position: int
    margin: float
    deviation: float

    @property
    def explained(self) -> bool:
        """Whether the uniform is so near to a boundary that rounding can select either token."""
        return self.margin <= self.deviation + SUM_ROUNDING


@dataclass(frozen=True)
class Replay:
    """A method of generation compared with one sample at a time.

    Args:
        name: The method.
        items: The number of samples compared.
        tokens: The number of their tokens.
        differences: The samples that differ.
    """

    name: str
    items: int
    tokens: int
    differences: tuple[Difference, ...]


def replay(count: int, with_keras: bool) -> list[Replay]:
    """Generate ``count`` samples one at a time, in batches of 7 and 512, and through Keras.

    Samples are compared by their tokens, including the end token.
    """
    network = Network(UNITS, END_BIAS)
    singles = _generate(network, count, 1)
    methods: list[tuple[str, int, Any, Sequence[Sample]]] = [
        (f"in batches of {batch}", batch, network.model, _generate(network, count, batch))
        for batch in (7, 512)
    ]
    if with_keras:
        from benchmarks.generation.tensorflow_peers import keras_model

        model = keras_model(network)
        samples = _generate(network, count, 512, model)
        methods.append(("through `KerasRNN`, in batches of 512", 512, model, samples))
    tokens = sum(len(sample.tokens) for sample in singles)
    replays = []
    for name, batch, model, others in methods:
        differences = tuple(
            _difference(network, one, other, _batch_of(others, one.index, batch), model)
            for one, other in zip(singles, others, strict=True)
            if one.tokens != other.tokens
        )
        replays.append(Replay(name, count, tokens, differences))
    return replays


def _generate(network: Network, count: int, batch: int, model: Any = None) -> list[Sample]:
    generator = network.generator(batch, MAX_TOKENS, model)
    return list(generator.samples(range(count)))


def _batch_of(samples: Sequence[Sample], index: int, batch: int) -> Sequence[Sample]:
    """The samples of the batch that contains an index."""
    first = index - index % batch
    return samples[first : first + batch]


def _difference(
    network: Network, one: Sample, other: Sample, batch: Sequence[Sample], model: Any
) -> Difference:
    """Where two samples begin to differ, and why."""
    end = network.encoder.vocabulary.end
    pair = zip((*one.tokens, end), (*other.tokens, end), strict=False)
    position = next(t for t, (mine, theirs) in enumerate(pair) if mine != theirs)
    mine = _distribution(network.model, [one], one.index, position)
    theirs = _distribution(model, batch, one.index, position)
    margin = float(np.abs(mine - _uniform(one.index, position)).min())
    return Difference(one.index, position, margin, float(np.abs(mine - theirs).max()))


def _uniform(index: int, position: int) -> float:
    """The uniform that selects one token of one sample."""
    noise = Noise(SEED, [index])
    return float([noise.next() for _ in range(position + 1)][position][0])


def _distribution(
    model: Any, batch: Sequence[Sample], index: int, position: int
) -> NDArray[np.float64]:
    """The cumulative distribution ``(V,)`` of one sample of a batch at a position.

    The model reads the entire batch, and rows are removed when they end, as in generation,
    because the shape of a matrix product affects its rounding.
    """
    stepper, rows = model.stepper(len(batch)), list(batch)
    logits = stepper.read(np.full(len(rows), model.shape.vocabulary_size), None)
    for t in range(position):
        open_rows = [at for at, sample in enumerate(rows) if len(sample.tokens) > t]
        if len(open_rows) < len(rows):
            stepper.select(np.array(open_rows))
            rows = [rows[at] for at in open_rows]
        logits = stepper.read(np.array([sample.tokens[t] for sample in rows]), None)
    row = [sample.index for sample in rows].index(index)
    wide = logits[row].astype(np.float64) / TEMPERATURE
    mass = np.exp(wide - wide.max()).cumsum()
    return np.asarray(mass / mass[-1])

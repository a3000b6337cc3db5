"""Replay: the same samples drawn in other batches and through Keras, every difference measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.generation.network import SEED, TEMPERATURE, Network
from seqgen.generation.generator import Sample
from seqgen.generation.noise import Noise

#: Items of the replay end by themselves, at most after so many tokens.
LONGEST = 100
UNITS = 64
#: The bias of the end token in the readout: items of very different lengths.
END_BIAS = 3.0

#: The distributions are summed in single precision when drawn from, here in double.
SUM_ROUNDING = 2.0**-20


@dataclass(frozen=True)
class Difference:
    """One sample that two ways of drawing give differently.

    Args:
        index: Of the sample.
        place: The first token that differs, counted from 0.
        margin: How far the uniform lies from the nearest edge of the cumulative
            distribution there, on the scale of probabilities; by the logits of the item alone.
        deviation: How far the cumulative distributions of the two ways lie apart there at
            most: what rounding does to the logits.
    """

    index: int
    place: int
    margin: float
    deviation: float

    @property
    def explained(self) -> bool:
        """Whether the uniform lies so near to an edge that rounding may put it on either side."""
        return self.margin <= self.deviation + SUM_ROUNDING


@dataclass(frozen=True)
class Replay:
    """How one way of drawing compares with one sample at a time.

    Args:
        name: The way.
        items: How many were compared.
        tokens: How many tokens these have.
        differences: Those that are not the same.
    """

    name: str
    items: int
    tokens: int
    differences: tuple[Difference, ...]


def replay(count: int, with_keras: bool) -> list[Replay]:
    """Draw ``count`` samples one at a time, in batches of 7 and 512, and through Keras.

    Samples are compared by their tokens; these say why a sample ended, too.
    """
    network = Network(UNITS, END_BIAS)
    alone = _draw(network, count, 1)
    ways: list[tuple[str, int, Any, Sequence[Sample]]] = [
        (f"in batches of {batch}", batch, network.model, _draw(network, count, batch))
        for batch in (7, 512)
    ]
    if with_keras:
        from benchmarks.generation.tensorflow_peers import keras_model

        model = keras_model(network)
        samples = _draw(network, count, 512, model)
        ways.append(("through `KerasRNN`, in batches of 512", 512, model, samples))
    tokens = sum(len(sample.tokens) for sample in alone)
    found = []
    for name, batch, model, others in ways:
        differences = tuple(
            _difference(network, one, other, _batch_of(others, one.index, batch), model)
            for one, other in zip(alone, others, strict=True)
            if one.tokens != other.tokens
        )
        found.append(Replay(name, count, tokens, differences))
    return found


def _draw(network: Network, count: int, batch: int, model: Any = None) -> list[Sample]:
    generator = network.generator(batch, LONGEST, model)
    return list(generator.samples(range(count)))


def _batch_of(samples: Sequence[Sample], index: int, batch: int) -> Sequence[Sample]:
    """The samples that were drawn beside the one of an index, itself included."""
    first = index - index % batch
    return samples[first : first + batch]


def _difference(
    network: Network, one: Sample, other: Sample, beside: Sequence[Sample], model: Any
) -> Difference:
    """Where two samples part, and why."""
    end = network.encoder.vocabulary.end
    pair = zip((*one.tokens, end), (*other.tokens, end), strict=False)
    place = next(t for t, (mine, theirs) in enumerate(pair) if mine != theirs)
    mine = _distribution(network.model, [one], one.index, place)
    theirs = _distribution(model, beside, one.index, place)
    margin = float(np.abs(mine - _uniform(one.index, place)).min())
    return Difference(one.index, place, margin, float(np.abs(mine - theirs).max()))


def _uniform(index: int, place: int) -> float:
    """The uniform behind one token of one sample."""
    noise = Noise(SEED, [index])
    return float([noise.next() for _ in range(place + 1)][place][0])


def _distribution(
    model: Any, batch: Sequence[Sample], index: int, place: int
) -> NDArray[np.float64]:
    """The cumulative distribution ``(V,)`` that one sample of a batch had at a place.

    The batch is walked through the model as it was when it was drawn, rows leaving as they
    ended, because the shape of a matrix product decides how it rounds.
    """
    stepper, rows = model.stepper(len(batch)), list(batch)
    logits = stepper.read(np.full(len(rows), model.shape.vocabulary_size), None)
    for t in range(place):
        going = [at for at, sample in enumerate(rows) if len(sample.tokens) > t]
        if len(going) < len(rows):
            stepper.select(np.array(going))
            rows = [rows[at] for at in going]
        logits = stepper.read(np.array([sample.tokens[t] for sample in rows]), None)
    row = [sample.index for sample in rows].index(index)
    wide = logits[row].astype(np.float64) / TEMPERATURE
    mass = np.exp(wide - wide.max()).cumsum()
    return np.asarray(mass / mass[-1])

"""Law 3: a sample is a function of model, settings, seed and index only."""

from __future__ import annotations

from functools import cache
from random import Random
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from seqgen import FreeGuide, Guide
from seqgen.generation.generator import Generator, Sample
from seqgen.generation.sampler import Noise
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.sequence_model import SequenceModel

from ..helpers.fakes import StepGuide, letters, random_model

ENCODER = letters("abcdefgh")
SIZE = ENCODER.vocabulary.size
INDICES = tuple(range(41))
MODEL = random_model(SIZE, seed=3, units=10, scale=0.8)


def guide(guided: bool) -> Guide[Any]:
    """All tokens at any time, or letters and the end by turns of three."""
    if not guided:
        return FreeGuide(SIZE)
    steps = [[(3 * t + k) % 8 for k in range(4)] + [SIZE - 1] * (t > 2) for t in range(12)]
    return StepGuide([*steps, [SIZE - 1]], SIZE)


def draw(
    model: SequenceModel[Any],
    indices: tuple[int, ...],
    batch_size: int,
    guided: bool,
    seed: int = 7,
) -> dict[int, Sample]:
    """The samples of the given indices by index."""
    config = SamplingConfig(
        seed=seed, batch_size=batch_size, max_tokens=12, temperature=0.9, top_k=7, top_p=0.98
    )
    generator = Generator(model, ENCODER, guide(guided), config)
    drawn = list(generator.samples(indices))
    assert [sample.index for sample in drawn] == list(indices), "in the order asked for"
    return {sample.index: sample for sample in drawn}


@cache
def alone(guided: bool) -> dict[int, Sample]:
    """Each sample drawn in a batch of its own."""
    return draw(MODEL, INDICES, 1, guided)


def assert_same(found: dict[int, Sample], wanted: dict[int, Sample]) -> None:
    """The same tokens for the same reason; figures but for the rounding of batched products."""
    for index, sample in found.items():
        assert sample.tokens == wanted[index].tokens
        assert sample.finish_reason == wanted[index].finish_reason
        for figure in ("logp", "logp_settings", "masked"):
            assert getattr(sample, figure) == pytest.approx(
                getattr(wanted[index], figure), abs=1e-4
            )


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("batch_size", [7, 64])
def test_a_batch_changes_nothing(guided: bool, batch_size: int) -> None:
    assert_same(draw(MODEL, INDICES, batch_size, guided), alone(guided))


@pytest.mark.parametrize("guided", [False, True])
def test_the_order_changes_nothing(guided: bool) -> None:
    mixed = list(INDICES)
    Random(1).shuffle(mixed)
    assert_same(draw(MODEL, tuple(mixed), 7, guided), alone(guided))


def test_the_samples_are_varied() -> None:
    samples = alone(False)
    assert len({sample.tokens for sample in samples.values()}) > 30
    assert {sample.finish_reason for sample in samples.values()} == {"end", "length"}


def test_a_repeated_index_is_generated_twice() -> None:
    twice = list(
        Generator(MODEL, ENCODER, guide(True), SamplingConfig(max_tokens=9)).samples([5, 2, 5])
    )
    assert [sample.index for sample in twice] == [5, 2, 5]
    assert twice[0] == twice[2]


def test_another_seed_gives_others() -> None:
    others = draw(MODEL, INDICES, 64, False, seed=8)
    same = [i for i in INDICES if others[i].tokens == alone(False)[i].tokens]
    assert len(same) < 5


@pytest.mark.parametrize("guided", [False, True])
def test_keras_draws_the_same(keras_rnn: ModuleType, guided: bool) -> None:
    model = keras_rnn.KerasRNN.from_weights(MODEL.config, MODEL.shape, MODEL.weights)
    assert_same(draw(model, INDICES[:6], 4, guided), alone(guided))


def stream(seed: int, index: int, count: int) -> list[float]:
    """The first uniforms of one sample, drawn alone."""
    noise = Noise(seed, [index])
    return [float(noise.next()[0]) for _ in range(count)]


def test_noise_depends_only_on_seed_and_index() -> None:
    places = 2 * Noise.BLOCK + 5
    indices = [4, 0, 2**40, 4]
    noise = Noise(9, indices)
    together = np.stack([noise.next() for _ in range(places)], axis=1)
    assert ((together >= 0) & (together < 1)).all()
    for row, index in zip(together, indices, strict=True):
        assert row.tolist() == stream(9, index, places)
    streams = [tuple(stream(seed, index, 8)) for seed in range(4) for index in range(4)]
    assert len(set(streams)) == 16


def test_noise_continues_for_the_selected_rows() -> None:
    noise = Noise(1, [10, 11, 12, 13])
    drawn: dict[int, list[float]] = {index: [] for index in (10, 11, 12, 13)}
    kept = [10, 11, 12, 13]
    for place in range(Noise.BLOCK + 40):
        if place in (5, Noise.BLOCK + 3):
            kept = [kept[2], kept[0]] if place == 5 else [kept[1]]
            noise.select(np.array([2, 0] if place == 5 else [1]))
        for index, value in zip(kept, noise.next(), strict=True):
            drawn[index].append(float(value))
    for index, values in drawn.items():
        assert values == stream(1, index, len(values))
    assert {index: len(values) for index, values in drawn.items()} == {
        10: Noise.BLOCK + 40,
        11: 5,
        12: Noise.BLOCK + 3,
        13: 5,
    }


def test_noise_is_the_same_on_every_machine() -> None:
    # Written down once: should they ever change, so would every sample of every seed.
    assert stream(5, 6, 3) == [0.15572440184690473, 0.955483685555568, 0.559948500260445]

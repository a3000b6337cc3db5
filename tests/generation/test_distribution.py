"""Sampled frequencies are the exact probabilities: chi-square over every item that can come."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from seqgen import AutomatonGuide, FreeGuide, Guide
from seqgen.generation.generator import Generator
from seqgen.generation.sampling_config import SamplingConfig

from ..helpers.fakes import StepGuide
from ..helpers.table_model import GroupedEncoder, Outcome, TableModel, every_outcome

ENCODER = GroupedEncoder("abc")
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
MODEL = TableModel.random(SIZE, seed=4)
FREE = FreeGuide(SIZE)
DRAWS = 4000

#: Each changes the probabilities; none has its cut right where a sum of probabilities falls.
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "temperature": {"temperature": 0.6},
    "hot": {"temperature": 2.5},
    "schedule": {"temperature_schedule": "0:2 2:0.5"},
    "groups": {"temperature_groups": "vowel:0.4 other:1.7"},
    "top_k": {"top_k": 2},
    "top_p": {"top_p": 0.8},
    "min_p": {"min_p": 0.35},
    "typical_p": {"typical_p": 0.7},
    "repetition_penalty": {"repetition_penalty": 2.0},
    "no_repeat_ngram": {"no_repeat_ngram": 2},
    "no token twice": {"no_repeat_ngram": 1},
    "ban": {"ban": "b"},
    "force": {"force": "0:b 2:a"},
    "min_tokens": {"min_tokens": 2},
    "all at once": {
        "min_tokens": 1,
        "no_repeat_ngram": 2,
        "repetition_penalty": 1.3,
        "temperature": 1.4,
        "top_k": 3,
        "top_p": 0.95,
        "min_p": 0.05,
        "typical_p": 0.9,
    },
}


def automaton() -> AutomatonGuide:
    """An even number of a; at most 4 tokens."""
    return AutomatonGuide(np.array([[1, 0, 0], [0, 1, 1]]), np.array([True, False]), 1, 4)


def blind_alley() -> StepGuide:
    """Allows a, b or the end, then c alone after which nothing may come."""
    return StepGuide([[0, 1, END], [0, 2, END], [2]], SIZE)


def limit(freedom: int) -> float:
    """About the upper 0.01 % point of chi-square (Wilson and Hilferty, 1931)."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + 3.72 * math.sqrt(part)) ** 3


def statistic(counts: Mapping[Outcome, int], chances: Mapping[Outcome, float]) -> tuple[float, int]:
    """Pearson's statistic and its degrees of freedom; rare outcomes are counted together."""
    assert set(counts) <= set(chances), "nothing comes that cannot come"
    draws = sum(counts.values())
    cells: list[tuple[float, float]] = []
    rare_counted, rare_expected = 0.0, 0.0
    for outcome, chance in chances.items():
        if chance * draws < 8:
            rare_counted += counts.get(outcome, 0)
            rare_expected += chance * draws
        else:
            cells.append((counts.get(outcome, 0), chance * draws))
    if rare_expected >= 8:
        cells.append((rare_counted, rare_expected))
    assert len(cells) >= 3, "there is something to compare"
    return sum((found - wanted) ** 2 / wanted for found, wanted in cells), len(cells) - 1


def drawn(
    guide: Guide[Any], config: SamplingConfig, prompt: tuple[int, ...] = ()
) -> Counter[Outcome]:
    generator = Generator(MODEL, ENCODER, guide, config, prompt=prompt)
    return Counter((s.tokens, s.finish_reason) for s in generator.samples(range(DRAWS)))


def config(**settings: Any) -> SamplingConfig:
    return SamplingConfig(**{"max_tokens": 3, "batch_size": 500, "seed": 20, **settings})


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=list(SETTINGS))
def test_every_setting_gives_its_probabilities(settings: dict[str, Any]) -> None:
    wanted = config(**settings)
    chances = every_outcome(MODEL, FREE, ENCODER, wanted)
    found, freedom = statistic(drawn(FREE, wanted), chances)
    assert found < limit(freedom)


@pytest.mark.parametrize("name", ["plain", "temperature", "groups", "top_p", "all at once"])
@pytest.mark.parametrize("guide", [automaton(), blind_alley()], ids=["automaton", "blind alley"])
def test_guided_sampling_gives_its_probabilities(guide: Guide[Any], name: str) -> None:
    wanted = config(max_tokens=4, **SETTINGS[name])
    chances = every_outcome(MODEL, guide, ENCODER, wanted)
    reasons = {reason for _, reason in chances}
    assert ("dead_end" in reasons) == isinstance(guide, StepGuide) or name == "all at once"
    found, freedom = statistic(drawn(guide, wanted), chances)
    assert found < limit(freedom)


def test_a_prompt_gives_the_probabilities_after_it() -> None:
    wanted = config(max_tokens=4, temperature=0.8, repetition_penalty=1.5)
    chances = every_outcome(MODEL, FREE, ENCODER, wanted, prompt=(2, 0))
    assert all(tokens[:2] == (2, 0) for tokens, _ in chances)
    found, freedom = statistic(drawn(FREE, wanted, (2, 0)), chances)
    assert found < limit(freedom)


@pytest.mark.parametrize("name", ["temperature", "schedule", "groups", "repetition_penalty"])
def test_other_probabilities_would_be_noticed(name: str) -> None:
    plain = every_outcome(MODEL, FREE, ENCODER, config())
    found, freedom = statistic(drawn(FREE, config(**SETTINGS[name])), plain)
    assert found > 3 * limit(freedom)


def test_a_smaller_fault_would_be_noticed() -> None:
    near = every_outcome(MODEL, FREE, ENCODER, config(temperature=1.15))
    found, freedom = statistic(drawn(FREE, config()), near)
    assert found > limit(freedom)


def test_the_seed_is_not_chosen_to_please() -> None:
    chances = every_outcome(MODEL, FREE, ENCODER, config())
    values = [statistic(drawn(FREE, config(seed=seed)), chances) for seed in range(8)]
    mean = float(np.mean([found / freedom for found, freedom in values]))
    assert 0.6 < mean < 1.4, "over seeds the statistic is about its degrees of freedom"

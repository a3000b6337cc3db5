"""The generation loop against a slow replay of each sample: random models, guides and settings.

Nothing masked is ever drawn, every figure is finite and what it says it is, every token is the
one that its uniform asks for, and every item ends for the reason given."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen import AutomatonGuide, FreeGuide, Guide, SeqgenError, SettingError
from seqgen.generation.generator import Generator, Sample
from seqgen.generation.sampler import Noise
from seqgen.generation.sampling_config import SamplingConfig

from ..helpers import slow_references as slow
from ..helpers.table_model import GroupedEncoder, TableModel, masked_row
from ..helpers.unusual_guides import MoodyGuide

#: Letters of both groups, in mixed order.
ALPHABET = "abecid"


def automaton(rng: np.random.Generator, symbols: int) -> AutomatonGuide | None:
    """A random automaton with length limits; None if they contradict each other."""
    states = int(rng.integers(1, 5))
    table = rng.integers(-1, states, (states, symbols))
    least = int(rng.integers(0, 3))
    try:
        return AutomatonGuide(table, rng.random(states) < 0.6, least, least + int(rng.integers(5)))
    except SettingError:
        return None


def random_guide(kind: str, seed: int, size: int, longest: int) -> Guide[Any]:
    """A guide of that kind; none at all where the random one allows nothing."""
    rng = np.random.default_rng(seed)
    if kind == "moody":
        return MoodyGuide(rng.random((longest + 1, size + 1, size)) < rng.choice([0.3, 0.7, 0.9]))
    return (automaton(rng, size - 1) if kind == "automaton" else None) or FreeGuide(size)


def random_table(seed: int, size: int, scale: float, holes: bool) -> TableModel:
    """Normal logits of a spread; with holes a quarter of them are minus infinity."""
    model, rng = TableModel.random(size, seed, scale), np.random.default_rng(seed)
    if holes:
        gone = rng.random(model.table.shape) < 0.25
        gone[..., rng.integers(size)] = False
        model.table[gone] = -np.inf
    return model


@st.composite
def configs(draw: st.DrawFn, symbols: str) -> SamplingConfig:
    """Settings that do not contradict each other; each is on in about a third of the cases."""

    def some(values: st.SearchStrategy[Any], plain: Any) -> Any:
        return draw(st.one_of(st.just(plain), st.just(plain), values))

    chosen: dict[str, Any] = {
        "ban": some(st.sampled_from(symbols), ""),
        "force": some(st.sampled_from(["0:a", "1:b 3:a", "2:b"]), ""),
        "min_tokens": some(st.integers(1, 3), 0),
        "no_repeat_ngram": some(st.integers(1, 3), 0),
        "repetition_penalty": some(st.floats(1.1, 3.0), 1.0),
        "max_tokens": draw(st.integers(4, 7)),
        "batch_size": draw(st.integers(1, 9)),
        "seed": draw(st.integers(0, 2**63 - 1)),
    }
    if any(f":{banned}" in chosen["force"] for banned in chosen["ban"].split()):
        chosen["ban"] = ""
    if draw(st.integers(0, 4)) == 0:
        return SamplingConfig(sampler="greedy", **chosen)
    heat: dict[str, Any] = draw(
        st.sampled_from(
            [
                {},
                {"temperature": 0.3},
                {"temperature": 4.0},
                {"temperature_schedule": "0:0.4 3:2.0 4:1.0"},
                {"temperature_groups": "vowel:0.5 other:1.5"},
                {"temperature_groups": "other:3.0"},
                {"recall": 0.6, "recall_after": 1},
                {"recall": 0.3, "recall_after": 2, "temperature": 2.0},
            ]
        )
    )
    cuts = {
        "top_k": some(st.integers(1, 5), 0),
        "top_p": some(st.floats(0.05, 0.95), 1.0),
        "min_p": some(st.floats(0.01, 0.9), 0.0),
        "typical_p": some(st.floats(0.05, 0.95), 1.0),
    }
    return SamplingConfig(**chosen, **heat, **cuts)


def whim(tokens: Sequence[int]) -> bool:
    """A stop predicate that sometimes agrees."""
    return sum(tokens) % 4 == 3


@dataclass(frozen=True)
class Case:
    """A generator's parts."""

    model: TableModel
    guide: Guide[Any]
    encoder: GroupedEncoder
    config: SamplingConfig
    prompt: tuple[int, ...]
    stops: bool

    def samples(self) -> list[Sample]:
        stop = whim if self.stops else None
        parts = (self.model, self.encoder, self.guide, self.config)
        return list(Generator(*parts, prompt=self.prompt, stop=stop).samples([3, 1, 4, 15, 92, 65]))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    symbols = ALPHABET[: draw(st.integers(2, 6))]
    config = draw(configs(symbols))
    size, seed = len(symbols) + 1, draw(st.integers(0, 10**6))
    kind = draw(st.sampled_from(["free", "automaton", "moody"]))
    assert config.max_tokens is not None
    return Case(
        random_table(seed, size, draw(st.sampled_from([0.3, 1.0, 4.0, 30.0])), draw(st.booleans())),
        random_guide(kind, seed, size, config.max_tokens),
        GroupedEncoder(symbols),
        config,
        draw(st.sampled_from([(), (), (0,), (1, 0), (1, 1, 0)])),
        draw(st.booleans()),
    )


def assert_chosen(row: Sequence[float], token: int, uniform: float, sampler: str) -> None:
    """The token is the one that the sampler must take; on an edge rounding may decide."""
    assert row[token] > -math.inf, "nothing masked"
    if sampler == "greedy":
        assert row[token] == max(row)
        return
    parts = slow.shares(row)
    below = math.fsum(parts[:token])
    assert below - 1e-5 <= uniform <= below + parts[token] + 1e-5


def replayed(case: Case, sample: Sample) -> tuple[list[float], str, float]:
    """The three figures, the reason to end, and how far rounding may carry the figures."""
    noise, end = Noise(case.config.seed, [sample.index]), case.encoder.vocabulary.end
    drawn = [*sample.tokens[len(case.prompt) :], *[end] * (sample.finish_reason == "end")]
    history, figures, rounding = list(case.prompt), [0.0, 0.0, 0.0], 1e-5
    while True:
        plain = case.model.row(history)
        masked = masked_row(case.model, case.guide, history)
        row = slow.settled(
            masked, history, case.config, case.encoder.vocabulary.symbols, case.encoder.token_groups
        )
        stops = case.stops and len(history) > len(case.prompt) and whim(history)
        longest = min(case.config.max_tokens or 0, case.guide.max_tokens or 99)
        reasons = ["stop"] * stops + ["dead_end"] * (not slow.possible(row))
        reasons += ["length"] * (len(history) >= longest and slow.possible(masked) != [end])
        if reasons or not drawn:
            assert not drawn, "it would have ended before"
            return figures, reasons[0], rounding
        token = drawn.pop(0)
        assert_chosen(row, token, float(noise.next()[0]), case.config.sampler)
        figures[0] += plain[token] - slow.log_sum(plain)
        figures[1] += row[token] - slow.log_sum(row)
        figures[2] += slow.log_sum(plain) - slow.log_sum(masked)
        values = [abs(v) for v in (*plain, *row) if v > -math.inf]
        rounding += 1e-6 * (1 + max(values))
        if token == end:
            return figures, "end", rounding
        history.append(token)


@settings(max_examples=250)
@given(cases())
def test_every_sample_equals_a_slow_replay(case: Case) -> None:
    try:
        samples = case.samples()
    except SeqgenError as error:  # the guide does not allow this prompt
        assert "the prompt" in str(error) and case.prompt
        return
    assert [sample.index for sample in samples] == [3, 1, 4, 15, 92, 65]
    for sample in samples:
        figures, reason, rounding = replayed(case, sample)
        assert sample.finish_reason == reason
        assert sample.item == case.encoder.decode(sample.tokens)
        found = [sample.logp, sample.logp_settings, sample.masked]
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found, figures, rtol=1e-6, atol=rounding)
        assert sample.logp <= 1e-5 and sample.logp_settings <= 1e-5 and sample.masked >= -1e-5


def test_the_random_cases_are_varied() -> None:
    reasons: Counter[str] = Counter()
    guided = 0

    @settings(max_examples=120)
    @given(cases())
    def tell(case: Case) -> None:
        nonlocal guided
        try:
            samples = case.samples()
        except SeqgenError:
            return
        reasons.update(sample.finish_reason for sample in samples)
        guided += not isinstance(case.guide, FreeGuide)

    tell()
    assert set(reasons) == {"end", "length", "dead_end", "stop"}
    assert min(reasons.values()) > 5 and guided > 30

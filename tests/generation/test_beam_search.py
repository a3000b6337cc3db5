"""Beam search: the exact best items of small models, and a slow beam in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen import AutomatonGuide, FreeGuide, Guide, SeqgenError
from seqgen.generation.beam_search import BeamSearch
from seqgen.generation.generator import Generator, Sample
from seqgen.generation.sampling_config import SamplingConfig

from ..helpers import slow_references as slow
from ..helpers.fakes import StepGuide, letters, random_model
from ..helpers.table_model import GroupedEncoder, Outcome, TableModel, every_outcome, masked_row

ENCODER = GroupedEncoder("abc")
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
MODEL = TableModel.random(SIZE, seed=4)
FREE = FreeGuide(SIZE)
ALL = 1000

SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "ban": {"ban": "b"},
    "force": {"force": "0:b 2:a"},
    "min_tokens": {"min_tokens": 2},
    "no_repeat_ngram": {"no_repeat_ngram": 2},
    "no token twice": {"no_repeat_ngram": 1},
    "repetition_penalty": {"repetition_penalty": 2.0},
}
GUIDES: dict[str, Guide[Any]] = {
    "free": FREE,
    # An even number of a; at most 4 tokens.
    "automaton": AutomatonGuide(np.array([[1, 0, 0], [0, 1, 1]]), np.array([True, False]), 1, 4),
    # a, b or the end, then c alone, after which nothing may come.
    "blind alley": StepGuide([[0, 1, END], [0, 2, END], [2]], SIZE),
}


def beam_config(**given: Any) -> SamplingConfig:
    return SamplingConfig(**{"sampler": "beam", "max_tokens": 3, "beams": ALL, **given})


def search(
    config: SamplingConfig, guide: Guide[Any] = FREE, prompt: Sequence[int] = ()
) -> BeamSearch:
    return BeamSearch(MODEL, ENCODER, guide, config, prompt=prompt)


def outcomes(samples: Sequence[Sample]) -> list[Outcome]:
    return [(sample.tokens, sample.finish_reason) for sample in samples]


def score(logp: float, outcome: Outcome, penalty: float, prompt: Sequence[int] = ()) -> float:
    """Log-probability over the length to a power; the end token counts, the prompt does not."""
    tokens, reason = outcome
    length = len(tokens) - len(prompt) + (reason == "end")
    return logp / max(length, 1) ** penalty


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("guide", GUIDES.values(), ids=list(GUIDES))
@pytest.mark.parametrize("given", SETTINGS.values(), ids=list(SETTINGS))
def test_a_wide_beam_is_exact(given: dict[str, Any], guide: Guide[Any], penalty: float) -> None:
    chances = every_outcome(MODEL, guide, ENCODER, SamplingConfig(max_tokens=3, **given))
    exact = {
        outcome: score(math.log(chance), outcome, penalty) for outcome, chance in chances.items()
    }
    best = sorted(exact, key=lambda outcome: -exact[outcome])
    found = search(beam_config(length_penalty=penalty, **given), guide)
    for number in (1, 4, ALL):
        samples = found.samples(number)
        assert outcomes(samples) == best[:number]
        assert [sample.index for sample in samples] == list(range(len(samples)))
        for sample in samples:
            chance = chances[sample.tokens, sample.finish_reason]
            assert sample.logp_settings == pytest.approx(math.log(chance), abs=1e-5)


@pytest.mark.parametrize("penalty", [0.0, 1.5])
def test_the_prompt_does_not_count_in_scores(penalty: float) -> None:
    config = SamplingConfig(max_tokens=5, repetition_penalty=1.5)
    chances = every_outcome(MODEL, FREE, ENCODER, config, prompt=(2, 0))
    best = sorted(chances, key=lambda o: -score(math.log(chances[o]), o, penalty, (2, 0)))
    wanted = beam_config(max_tokens=5, repetition_penalty=1.5, length_penalty=penalty)
    assert outcomes(search(wanted, prompt=(2, 0)).samples(7)) == best[:7]


def slow_beam(
    model: TableModel,
    guide: Guide[Any],
    config: SamplingConfig,
    encoder: GroupedEncoder,
    prompt: tuple[int, ...],
) -> list[tuple[float, Outcome]]:
    """Every candidate in a list, sorted as a whole, to the very end: no early stop."""
    symbols, longest = encoder.vocabulary.symbols, config.max_tokens or 0
    # Score, log-probability, tokens, reason ("" if it continues).
    pool: list[tuple[float, float, tuple[int, ...], str]] = [(0.0, 0.0, prompt, "")]
    while any(not reason for _, _, _, reason in pool):
        candidates: list[tuple[tuple[float, int, int], Any]] = []
        for place, (rank, logp, tokens, reason) in enumerate(pool):
            masked = masked_row(model, guide, tokens)
            row = slow.settled(masked, tokens, config, symbols, encoder.token_groups)
            if not reason and not slow.possible(row):
                reason = "dead_end"
            elif not reason and len(tokens) >= longest and slow.possible(masked) != [len(symbols)]:
                reason = "length"
            if reason:
                candidates.append(((-rank, -1, place), (rank, logp, tokens, reason)))
                continue
            for token in slow.possible(row):
                after = logp + row[token] - slow.log_sum(row)
                grade = after / (len(tokens) - len(prompt) + 1) ** config.length_penalty
                ended = token == len(symbols)
                history = tokens if ended else (*tokens, token)
                new = (grade, after, history, "end" if ended else "")
                candidates.append(((-grade, token, place), new))
        candidates.sort(key=lambda candidate: candidate[0])
        pool = [item for _, item in candidates[: config.beams]]
    return sorted(
        [(rank, (tokens, reason)) for rank, _, tokens, reason in pool], key=lambda item: -item[0]
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[TableModel, Guide[Any], SamplingConfig, tuple[int, ...]]:
    seed, longest = draw(st.integers(0, 10**6)), draw(st.integers(2, 6))
    rng = np.random.default_rng(seed)
    guide: Guide[Any] = FREE
    if draw(st.booleans()):
        masks = rng.random((longest + 1, SIZE)) < 0.7
        guide = StepGuide([np.flatnonzero(row).tolist() for row in masks], SIZE)
    config = beam_config(
        beams=draw(st.integers(1, 8)),
        max_tokens=longest,
        length_penalty=draw(st.sampled_from([0.0, 0.0, 0.5, 1.0, 3.0])),
        repetition_penalty=draw(st.sampled_from([1.0, 1.7])),
        no_repeat_ngram=draw(st.integers(0, 3)),
        min_tokens=draw(st.integers(0, 2)),
    )
    model = TableModel.random(SIZE, seed, draw(st.sampled_from([0.3, 1.0, 5.0])))
    return model, guide, config, draw(st.sampled_from([(), (), (1,), (0, 2)]))


@settings(max_examples=150)
@given(cases(), st.integers(1, 8))
def test_narrow_beams_equal_a_slow_beam_search(case: Any, number: int) -> None:
    model, guide, config, prompt = case
    try:
        found = BeamSearch(model, ENCODER, guide, config, prompt=prompt)
    except SeqgenError as error:  # the guide does not allow this prompt
        assert "the prompt" in str(error)
        return
    number = min(number, config.beams)
    expected = slow_beam(model, guide, config, ENCODER, prompt)
    samples = found.samples(number)
    assert outcomes(samples) == [outcome for _, outcome in expected[:number]]
    for sample, (rank, outcome) in zip(samples, expected, strict=False):
        measured = score(sample.logp_settings, outcome, config.length_penalty, prompt)
        assert measured == pytest.approx(rank, abs=1e-4)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_fewer_items_are_the_same_first_ones(penalty: float) -> None:
    model, encoder = random_model(27, seed=3), letters()
    config = beam_config(beams=12, max_tokens=15, length_penalty=penalty)
    found = BeamSearch(model, encoder, FreeGuide(27), config)
    whole = found.samples(12)
    assert len(set(outcomes(whole))) == 12
    for number in range(1, 12):
        assert found.samples(number) == whole[:number]


@pytest.mark.parametrize("given", SETTINGS.values(), ids=list(SETTINGS))
def test_one_beam_is_greedy(given: dict[str, Any]) -> None:
    guide = GUIDES["blind alley"]
    for seed in range(20):
        model = TableModel.random(SIZE, seed)
        parts = (model, ENCODER, guide)
        (found,) = BeamSearch(*parts, beam_config(beams=1, **given)).samples(1)
        greedy = SamplingConfig(sampler="greedy", max_tokens=3, **given)
        (wanted,) = Generator(*parts, greedy).samples([0])
        assert (found.item, found.finish_reason) == (wanted.item, wanted.finish_reason)
        assert found.logp == pytest.approx(wanted.logp, abs=1e-5)
        assert found.logp_settings == pytest.approx(wanted.logp_settings, abs=1e-5)
        assert found.masked == pytest.approx(wanted.masked, abs=1e-5)


def test_ties_go_to_what_is_finished_then_to_lower_ids_then_to_earlier_beams() -> None:
    flat, encoder = TableModel(np.zeros((4, 4, 3), np.float32)), GroupedEncoder("ab")

    def items(beams: int, penalty: float) -> list[str]:
        config = beam_config(max_tokens=2, beams=beams, length_penalty=penalty)
        found = BeamSearch(flat, encoder, FreeGuide(3), config)
        return [sample.item for sample in found.samples(beams)]

    # a, b; then aa, ba before ab, bb.
    assert items(2, 0.0) == items(2, 1.0) == ["aa", "ba"]
    # a, b and the empty item, whose place is kept in a tie too.
    assert items(3, 0.0) == items(3, 1.0) == ["", "aa", "ba"]
    assert items(5, 1.0) == ["", "aa", "ba", "ab", "bb"]
    assert items(7, 1.0) == ["", "a", "b", "aa", "ba", "ab", "bb"], "cut after they ended"


def turning() -> TableModel:
    """a looks best (0.5) but has nothing likely after it; b (0.4) leads to bc (0.9) and ends."""
    shares = np.full((SIZE + 1, SIZE + 1, SIZE), 0.25)
    shares[SIZE, SIZE] = [0.5, 0.4, 0.05, 0.05]
    shares[SIZE, 1] = [0.04, 0.03, 0.9, 0.03]
    shares[1, 2] = [0.01, 0.01, 0.01, 0.97]
    return TableModel(np.log(shares).astype(np.float32))


def test_it_finds_what_greedy_misses() -> None:
    (greedy,) = Generator(
        turning(), ENCODER, FREE, SamplingConfig(sampler="greedy", max_tokens=4)
    ).samples([0])
    (best,) = BeamSearch(turning(), ENCODER, FREE, beam_config(max_tokens=4, beams=2)).samples(1)
    assert greedy.item[0] == "a" and best.item == "bc"
    assert best.logp == pytest.approx(math.log(0.4 * 0.9 * 0.97), abs=1e-6)
    assert best.logp > greedy.logp + 1


def counted(model: TableModel, count: list[int]) -> TableModel:
    """The model, which notes how many rows each step has."""
    step: Callable[..., Any] = model.step

    def counting(tokens: Any, context: Any, state: Any) -> Any:
        count.append(len(tokens))
        return step(tokens, context, state)

    model.step = counting  # type: ignore[method-assign]
    return model


def ending(share: float) -> TableModel:
    """Ends with this probability at every position."""
    row = np.array([(1 - share) / 3] * 3 + [share])
    return TableModel(np.tile(np.log(row).astype(np.float32), (SIZE + 1, SIZE + 1, 1)))


def test_the_search_stops_as_soon_as_the_first_items_are_certain() -> None:
    def steps(number: int, **given: Any) -> int:
        count: list[int] = []
        config = beam_config(max_tokens=50, beams=6, **given)
        samples = BeamSearch(counted(ending(0.7), count), ENCODER, FREE, config).samples(number)
        assert samples[0].item == "" or given
        return len(count)

    # The empty item has 0.7, each letter 0.1; then a, b and c end with 0.07.
    assert steps(1) == 2, "the start, and one letter more, all of them below 0.7"
    assert steps(2) == 3
    # Over length to the 4th power the last of 51 tokens is the best: it must be waited for.
    assert steps(1, length_penalty=4.0) == 51


def test_the_search_waits_for_a_long_item_that_ranks_first() -> None:
    # The empty item has 0.9. An a has 0.04 alone, but hardly anything but an a comes after it.
    shares = np.full((SIZE + 1, SIZE + 1, SIZE), 1e-9)
    shares[SIZE, SIZE] = [0.04, 0.03, 0.03, 0.9]
    shares[:, 0] = [1.0, 1e-9, 1e-9, 1e-9]
    model = TableModel(np.log(shares).astype(np.float32))
    config = beam_config(max_tokens=50, beams=3, length_penalty=1.0)
    (first,) = BeamSearch(model, ENCODER, FREE, config).samples(1)
    assert first.tokens == (0,) * 50 and first.finish_reason == "length"
    assert first.logp / 50 > math.log(0.9) > first.logp / 2, "it came from behind"


def test_long_items_win_by_the_penalty_alone() -> None:
    def first(penalty: float) -> Sample:
        config = beam_config(max_tokens=6, beams=50, length_penalty=penalty)
        (sample,) = BeamSearch(ending(0.4), ENCODER, FREE, config).samples(1)
        return sample

    assert first(0.0).tokens == ()
    assert len(first(4.0).tokens) == 5 and first(4.0).finish_reason == "end", "the end counts"

"""The generation loop with a model that spells a word: tokens, reasons, figures, prompts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen import AutomatonGuide, FreeGuide, Guide, SeqgenError
from seqgen.generation.generator import Generator, Sample
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.sequence_model import SequenceModel, log_softmax

from ..helpers.fakes import SpellingModel, StepGuide, letters, random_model

ENCODER = letters()
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
WORD = ENCODER.prompt("sequentially")
SPELLER = SpellingModel(WORD, SIZE)


def one(
    model: SequenceModel[Any] = SPELLER,
    guide: Guide[Any] | None = None,
    prompt: Sequence[int] = (),
    **settings: Any,
) -> Sample:
    """Sample number 0."""
    config = SamplingConfig(**{"max_tokens": 30, **settings})
    generator = Generator(model, ENCODER, guide or FreeGuide(SIZE), config, prompt=prompt)
    (sample,) = generator.samples([0])
    return sample


@pytest.mark.parametrize("sampler", ["greedy", "sample"])
def test_it_spells_the_word(sampler: str) -> None:
    sample = one(sampler=sampler)
    assert sample.item == "sequentially"
    assert sample.tokens == tuple(WORD), "the end token is left out"
    assert sample.finish_reason == "end"
    assert sample.index == 0


def test_length_is_a_reason_to_stop() -> None:
    sample = one(max_tokens=5)
    assert (sample.item, sample.finish_reason) == ("seque", "length")


def test_an_item_of_exactly_the_longest_length_still_stops_by_length() -> None:
    # The guide allows more than the end here, so whether the item was to end is not asked.
    sample = one(max_tokens=len(WORD))
    assert (sample.item, sample.finish_reason) == ("sequentially", "length")


def test_a_guide_that_allows_the_end_alone_closes_the_longest_item() -> None:
    guide = StepGuide([[WORD[0]], [WORD[1]], [END]], SIZE)
    sample = one(guide=guide, max_tokens=2)
    assert (sample.item, sample.finish_reason) == ("se", "end")


def test_a_guide_that_allows_nothing_is_a_dead_end() -> None:
    sample = one(guide=StepGuide([range(SIZE)] * 3, SIZE))
    assert (sample.item, sample.finish_reason) == ("seq", "dead_end")
    assert one(guide=StepGuide([], SIZE)).finish_reason == "dead_end"


def test_the_bound_of_the_guide_is_enough() -> None:
    table = np.array([[0] * END])
    guide = AutomatonGuide(table, np.array([True]), 0, 4)
    sample = one(guide=guide, max_tokens=None)
    assert (sample.item, sample.finish_reason) == ("sequ", "end")


def test_a_bound_is_needed() -> None:
    with pytest.raises(SeqgenError, match="max_tokens is required"):
        Generator(SPELLER, ENCODER, FreeGuide(SIZE), SamplingConfig())


def test_the_guide_turns_the_model_aside() -> None:
    vowels = [ENCODER.vocabulary.id(v) for v in "aeiou"]
    guide = StepGuide([vowels, *[range(SIZE)] * 20], SIZE)
    sample = one(guide=guide)
    assert sample.item[0] in "aeiou" and sample.item[1:] == "equentially"
    # 26 others and one wanted token of 50 nats: five of them have hardly any mass.
    assert sample.masked == pytest.approx(50 - math.log(5), abs=1e-6)
    assert sample.logp_settings > sample.logp + 40


def steps(model: SequenceModel[Any], tokens: Sequence[int]) -> NDArray[np.float64]:
    """Log-probabilities ``(T + 1, V)`` of a model that reads an item."""
    inputs = np.array([[ENCODER.vocabulary.start, *tokens]])
    return log_softmax(model.forward(inputs, None)[0])


@pytest.mark.parametrize("prompt", ["", "ab"])
def test_figures_are_sums_over_the_tokens(prompt: str) -> None:
    model = random_model(SIZE, seed=1)
    ids = ENCODER.prompt(prompt)
    allowed = np.ones((13, SIZE), dtype=bool)
    allowed[::2, 10:20] = False
    guide = StepGuide([np.flatnonzero(row).tolist() for row in allowed], SIZE)
    config = SamplingConfig(max_tokens=12, temperature=0.8)
    samples = list(Generator(model, ENCODER, guide, config, prompt=ids).samples(range(20)))
    assert {sample.finish_reason for sample in samples} == {"end", "length"}
    for sample in samples:
        plain = steps(model, sample.tokens)
        chosen = [*sample.tokens, *[END] * (sample.finish_reason == "end")]
        places = range(len(ids), len(chosen))
        masked = [np.where(allowed[t], plain[t], -np.inf) for t in places]
        settled = [log_softmax((row / 0.8)[None])[0] for row in masked]
        assert sample.logp == pytest.approx(sum(plain[t][chosen[t]] for t in places), abs=1e-4)
        assert sample.logp_settings == pytest.approx(
            sum(row[chosen[t]] for t, row in zip(places, settled, strict=True)), abs=1e-4
        )
        assert sample.masked == pytest.approx(
            -sum(math.log(np.exp(row).sum()) for row in masked), abs=1e-4
        )


def test_without_guide_and_settings_both_log_probabilities_are_equal() -> None:
    sample = one(random_model(SIZE, seed=4))
    assert sample.logp == pytest.approx(sample.logp_settings)
    assert sample.masked == pytest.approx(0.0, abs=1e-6)


def test_items_continue_the_prompt() -> None:
    sample = one(prompt=ENCODER.prompt("sequent"))
    assert sample.item == "sequentially"
    assert sample.logp == pytest.approx(0.0, abs=1e-6), "the prompt is not counted"


def test_a_prompt_as_long_as_the_longest_item() -> None:
    sample = one(prompt=ENCODER.prompt("abc"), max_tokens=3)
    assert (sample.item, sample.finish_reason) == ("abc", "length")


def test_a_prompt_that_is_too_long() -> None:
    with pytest.raises(SeqgenError, match="the prompt has 4 tokens, more than the 3 allowed"):
        one(prompt=ENCODER.prompt("abcd"), max_tokens=3)


def test_a_prompt_that_the_guide_refuses() -> None:
    guide = StepGuide([[ENCODER.vocabulary.id("a")], [ENCODER.vocabulary.id("b")]], SIZE)
    with pytest.raises(SeqgenError, match="cannot continue with 'x' at token 2"):
        one(guide=guide, prompt=ENCODER.prompt("ax"))


def test_samples_are_in_the_order_of_the_indices_batch_by_batch() -> None:
    drawn: list[int] = []

    class Counting(SequenceModel[Any]):
        shape = SPELLER.shape
        forward, select = SPELLER.forward, SPELLER.select

        def initial_state(self, batch: int) -> Any:
            drawn.append(batch)
            return SPELLER.initial_state(batch)

        def step(self, tokens: Any, context: Any, state: Any) -> Any:
            return SPELLER.step(tokens, context, state)

    config = SamplingConfig(max_tokens=20, batch_size=4)
    stream = Generator(Counting(), ENCODER, FreeGuide(SIZE), config).samples([9, 3, 5, 1, 0, 8])
    assert drawn == [], "nothing is drawn before it is asked for"
    assert next(stream).index == 9
    assert drawn == [4]
    assert [sample.index for sample in stream] == [3, 5, 1, 0, 8]
    assert drawn == [4, 2]


def test_no_indices_give_no_samples() -> None:
    generator = Generator(SPELLER, ENCODER, FreeGuide(SIZE), SamplingConfig(max_tokens=3))
    assert list(generator.samples([])) == []


def test_context_reaches_the_model_row_by_row() -> None:
    model = random_model(SIZE, seed=5, context=(40,), scale=1.0)
    guide = StepGuide([range(SIZE)] * 30, SIZE)
    config = SamplingConfig(max_tokens=12, batch_size=8)
    for sample in Generator(model, ENCODER, guide, config).samples(range(8)):
        chosen = [*sample.tokens, *[END] * (sample.finish_reason == "end")]
        inputs = np.array([[ENCODER.vocabulary.start, *sample.tokens]])[:, : len(chosen)]
        places = np.arange(len(chosen))[None, :, None]
        plain = log_softmax(model.forward(inputs, places)[0])
        wanted = plain[np.arange(len(chosen)), chosen].sum()
        assert sample.logp == pytest.approx(wanted, abs=1e-4)


def test_stop_is_called_after_each_token() -> None:
    asked: list[tuple[int, ...]] = []

    def stop(tokens: Sequence[int]) -> bool:
        asked.append(tuple(tokens))
        return len(tokens) == 4

    config = SamplingConfig(max_tokens=20)
    generator = Generator(
        SPELLER, ENCODER, FreeGuide(SIZE), config, prompt=ENCODER.prompt("se"), stop=stop
    )
    (sample,) = generator.samples([0])
    assert (sample.item, sample.finish_reason) == ("sequ", "stop")
    assert asked == [tuple(WORD[:3]), tuple(WORD[:4])], "not for the prompt alone"


def test_on_token_is_called_with_each_token() -> None:
    told: list[tuple[int, int]] = []
    model, config = random_model(SIZE, seed=6), SamplingConfig(max_tokens=9, batch_size=3)

    def on_token(index: int, token: int) -> None:
        told.append((index, token))

    samples = list(
        Generator(model, ENCODER, FreeGuide(SIZE), config, on_token=on_token).samples(range(7))
    )
    quiet = list(Generator(model, ENCODER, FreeGuide(SIZE), config).samples(range(7)))
    assert [sample.tokens for sample in samples] == [sample.tokens for sample in quiet]
    for sample in samples:
        assert tuple(token for index, token in told if index == sample.index) == sample.tokens


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0.7},
        {"min_p": 0.05, "repetition_penalty": 1.3},
        {"no_repeat_ngram": 2},
        {"temperature_schedule": "0:2.0 6:0.5", "typical_p": 0.9},
    ],
    ids=str,
)
@pytest.mark.parametrize("guided", [False, True])
def test_log_probabilities_of_long_items(settings: dict[str, Any], guided: bool) -> None:
    # Longer than any ledger of figures, in batches that lose rows one by one.
    model = random_model(SIZE, seed=8, scale=0.3)
    guide = StepGuide([range(SIZE)] * 400, SIZE) if guided else FreeGuide(SIZE)
    config = SamplingConfig(min_tokens=150, max_tokens=200, batch_size=5, **settings)
    for sample in Generator(model, ENCODER, guide, config).samples(range(5)):
        assert len(sample.tokens) >= 150
        chosen = [*sample.tokens, *[END] * (sample.finish_reason == "end")]
        plain = steps(model, sample.tokens)[np.arange(len(chosen)), chosen]
        assert sample.logp == pytest.approx(plain.sum(), abs=1e-2)
        assert sample.masked == pytest.approx(0.0, abs=1e-2)
        assert sample.logp_settings < 0

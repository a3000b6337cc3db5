"""Drawing without the guide and judging by it: the exact distribution, rates, caps, contexts."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen import FreeGuide, Guide, SeqgenError, regex_guide
from seqgen.domains.domain import Domain
from seqgen.domains.guide import accepts
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.item_generator import ItemGenerator
from seqgen.inference.rejection_sampling import TokensOnly, Unmasked
from seqgen.models.model_file import TrainedModel
from seqgen.registry.installed_plugins import LoadedDomain

from ..conftest import Run
from ..helpers.fakes import StepGuide, letters, model_by_hand, random_model, text_domain
from ..helpers.generators import item_generator
from ..helpers.table_model import GroupedEncoder, TableModel, every_outcome

WORDS = ("ab", "ba", "aab", "abb", "bab", "bba", "baa", "aba", "bb", "aa")
MODEL = TableModel.random(3, seed=4)
PATTERN = "a.{0,2}b|bb"
LONGEST = 5
DRAWS = 800


def trained() -> TrainedModel:
    """A model of two letters whose every probability is known."""
    model = model_by_hand(LoadedDomain(text_domain(WORDS), "tests", "1"), WORDS)
    return replace(model, networks=(MODEL,))  # type: ignore[arg-type]


def run(domain: Domain | None = None, **settings: Any) -> ItemGenerator:
    """A generator of it."""
    settings = {"max_tokens": LONGEST, **settings}
    return item_generator(domain or text_domain(WORDS), trained(), **settings)


def exact(pattern: str, longest: int = LONGEST) -> dict[str, float]:
    """The model's probability of every matching item, given that the item matches."""
    encoder, config = GroupedEncoder("ab"), SamplingConfig(max_tokens=longest + 1)
    outcomes = every_outcome(MODEL, FreeGuide(3), encoder, config)
    found = {encoder.decode(tokens): p for (tokens, why), p in outcomes.items() if why == "end"}
    kept = {text: p for text, p in found.items() if re.fullmatch(pattern, text)}
    whole = math.fsum(kept.values())
    return {text: p / whole for text, p in kept.items()}


def distance(texts: Iterable[str], wanted: Mapping[str, float]) -> float:
    """How far frequencies are from probabilities: chi-square in its standard deviations."""
    counts = Counter(texts)
    assert counts.keys() <= wanted.keys()
    total, free = sum(counts.values()), len(wanted) - 1
    chi = sum((counts[text] - total * p) ** 2 / (total * p) for text, p in wanted.items())
    return float((chi - free) / math.sqrt(2 * free))


@pytest.mark.parametrize("pattern", [PATTERN, ".{5}", "(ab)*|b.*a"])
def test_accepted_items_have_the_exact_distribution(pattern: str) -> None:
    kept = [item.text for item in run(match=pattern, unbiased=True).first(DRAWS)]
    assert distance(kept, exact(pattern)) < 4


def test_the_guide_itself_draws_from_another_distribution() -> None:
    guided = [item.text for item in run(match=PATTERN).first(DRAWS)]
    assert distance(guided, exact(PATTERN)) > 10


def test_the_rate_is_the_probability_of_the_demand() -> None:
    items = list(run(match=PATTERN, unbiased=True).first(DRAWS))
    outcomes = every_outcome(
        MODEL, FreeGuide(3), GroupedEncoder("ab"), SamplingConfig(max_tokens=6)
    )
    chance = math.fsum(
        p
        for (tokens, why), p in outcomes.items()
        if why == "end" and re.fullmatch(PATTERN, "".join("ab"[token] for token in tokens))
    )
    assert DRAWS / (items[-1].sample.index + 1) == pytest.approx(chance, rel=0.15)


def test_accepted_items_are_those_of_the_unconstrained_samples() -> None:
    free = {item.sample.index: item for item in run().items(range(600))}
    wanted = [
        index
        for index, item in free.items()
        if item.sample.finish_reason == "end" and re.fullmatch(PATTERN, item.text)
    ]
    for size in (1, 7, 64):
        found = list(run(match=PATTERN, unbiased=True, batch_size=size).first(20))
        assert [item.sample.index for item in found] == wanted[:20]
        for item in found:
            same = free[item.sample.index].sample
            assert item.sample.tokens == same.tokens and item.sample.masked == 0.0
            assert item.sample.logp == pytest.approx(same.logp, abs=1e-5)
    alone = next(run(match=PATTERN, unbiased=True).items([wanted[3]]))
    assert alone.text == free[wanted[3]].text
    other = next(index for index in free if index not in wanted)
    with pytest.raises(SeqgenError, match=f"sample {other} violates the constraints: the guide"):
        next(run(match=PATTERN, unbiased=True).items([other]))


@pytest.mark.parametrize("size", [1, 3, 64])
def test_the_cap_does_not_depend_on_the_batch(size: int) -> None:
    rare = run(match="a{5}", unbiased=True, max_draws=10, batch_size=size)
    with pytest.raises(SeqgenError) as error:
        list(rare.first(9))
    found = sum(item.text == "aaaaa" for item in run(max_tokens=6).items(range(90)))
    assert f"only {found} of 90 items satisfied the constraints ({100 * found / 90:.2f} %)" in str(
        error.value
    )
    assert "9 were requested; raise --max-draws (was 10 per item)" in str(error.value)


def test_a_prompt_that_cannot_please_is_an_error_at_once() -> None:
    with pytest.raises(SeqgenError, match="the prompt cannot continue with 'a' at token 2"):
        run(match="bb", prompt="ba", unbiased=True)
    found = run(match="bb|ba", prompt="b", unbiased=True).first(50)
    assert {item.text for item in found} == {"bb", "ba"}


class Strict(Guide[tuple[Any, ...]]):
    """A guide that raises an error for a token that it does not allow."""

    def __init__(self, inner: Guide[Any]) -> None:
        self._inner, self.max_tokens = inner, inner.max_tokens

    def start(self, batch: int) -> tuple[Any, ...]:
        return (self._inner.start(batch), batch)

    def allowed(self, state: tuple[Any, ...]) -> NDArray[np.bool_]:
        assert state[1], "asked for no row at all"
        return self._inner.allowed(state[0])

    def advance(self, state: tuple[Any, ...], tokens: NDArray[np.int64]) -> tuple[Any, ...]:
        assert self.allowed(state)[np.arange(state[1]), tokens].all(), "told a wrong token"
        return self._inner.advance(state[0], tokens), state[1]

    def select(self, state: tuple[Any, ...], rows: NDArray[np.int64]) -> tuple[Any, ...]:
        return self._inner.select(state[0], rows), len(rows)

    def context(self, state: tuple[Any, ...]) -> NDArray[np.int32] | None:
        return self._inner.context(state[0])


@pytest.mark.parametrize("seed", range(20))
def test_the_guide_advances_only_by_allowed_tokens(seed: int) -> None:
    rng, vocabulary = np.random.default_rng(seed), letters("abc").vocabulary
    steps = StepGuide([[0, 1], [0, 1, 2], [1, 3]], vocabulary.size)
    for inner in (regex_guide("a(b|c)*a|bb", vocabulary), steps):
        guide, batch = Unmasked(Strict(inner)), 6
        state, rows = guide.start(batch), [[] for _ in range(batch)]  # type: list[list[int]]
        for length in range(4):
            going = guide.allowed(state)
            assert going.shape == (len(rows), vocabulary.size)
            for row, tokens in enumerate(rows):
                pleased = watched_by_hand(inner, tokens)
                assert (going[row] == pleased.any()).all(), "all of a row or nothing"
            context = guide.context(state)
            if inner is steps:
                assert context is not None and context.shape == (len(rows), 1)
                assert (context[going[:, 0], 0] == length).all()
            tokens = rng.integers(0, 3, len(rows))
            state = guide.advance(state, tokens)
            rows = [[*row, token] for row, token in zip(rows, tokens.tolist(), strict=True)]
            kept = rng.permutation(len(rows))[: max(1, len(rows) - 1)]
            state, rows = guide.select(state, kept), [rows[row] for row in kept]


def watched_by_hand(guide: Guide[Any], tokens: list[int]) -> NDArray[np.bool_]:
    """What a guide allows after some tokens; nothing where one of them was not allowed."""
    state = guide.start(1)
    for token in tokens:
        if not guide.allowed(state)[0, token]:
            return np.zeros(1, dtype=bool)
        state = guide.advance(state, np.array([token]))
    mask: NDArray[np.bool_] = guide.allowed(state)[0]
    return mask


def test_accepts_is_the_language_of_the_guide() -> None:
    vocabulary = letters("ab").vocabulary
    guide = regex_guide("a+b", vocabulary)
    assert accepts(guide, [0, 0, 1], vocabulary.end)
    for wrong in ([], [0], [1], [0, 1, 0], [0, 1, 1]):
        assert not accepts(guide, wrong, vocabulary.end)


def test_tokens_only_keeps_the_symbols_and_decodes_anything() -> None:
    encoder = letters("abc")
    tokens = TokensOnly(encoder)
    assert tokens.vocabulary == encoder.vocabulary and tokens.to_json() == encoder.to_json()
    assert tokens.token_groups == encoder.token_groups and tokens.fit([]) is tokens
    assert tokens.decode(tokens.encode((2, 0, 1)).tokens) == (2, 0, 1)
    with pytest.raises(SeqgenError, match="no items of a domain"):
        TokensOnly.from_json({})


def test_context_comes_from_the_guide() -> None:
    guide = StepGuide([[0, 1], [0, 1], [2]], 3)
    domain = text_domain(WORDS, guide=lambda encoder, options, condition: guide)
    model = replace(trained(), networks=(random_model(3, context=(4,)),))
    kept = list(item_generator(domain, model, unbiased=True).first(20))
    assert all(len(item.text) == 2 for item in kept)
    guided = item_generator(domain, model)
    assert {item.text for item in kept} == {item.text for item in guided.first(60)}


def test_the_command_line_reports_the_acceptance_rate(seqgen: Run, dinos_model: Path) -> None:
    flags = ("--starts-with", "t", "--unbiased", "-n", 5)
    answer = seqgen("generate", dinos_model, *flags)
    assert answer.code == 0 and all(text.startswith("T") for text in answer.out.splitlines())
    (told,) = answer.err.splitlines()
    found = [
        json.loads(line)
        for line in seqgen("generate", dinos_model, *flags, "--json").out.splitlines()
    ]
    drawn = found[-1]["index"] + 1
    assert told == f"5 of {drawn:,} items satisfied the constraints ({500 / drawn:.2f} %)"
    assert all(item["masked"] < 1e-5 for item in found)
    few = seqgen("generate", dinos_model, "--starts-with", "tyrannosaurus", "--unbiased", "-n", 5)
    assert few.code == 1 and "of 1,000 items satisfied the constraints (0.00 %)" in few.err
    assert "raise --max-draws (was 200 per item)" in few.err
    again = seqgen("generate", dinos_model, *flags, "--max-draws", 1)
    assert again.code == 1 and "of 5 items" in again.err
    assert "--max-draws must be >= 1" in seqgen("generate", dinos_model, "--max-draws", 0).err


def test_a_solo_that_cannot_be_decoded_is_rejected(seqgen: Run, jazz_model: Path) -> None:
    answer = seqgen("generate", jazz_model, "-n", 1, "--unbiased", "--max-draws", 50)
    assert answer.code == 1
    assert "only 0 of 50 items satisfied the constraints (0.00 %)" in answer.err

"""What both searches have in common: figures, contexts, prompts, settings, the command line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgen import AutomatonGuide, FreeGuide, Guide, SeqgenError, SettingError
from seqgen.generation.beam_search import BeamSearch, Search, StochasticBeamSearch
from seqgen.generation.components import SAMPLER, sampler_names
from seqgen.generation.sampling_config import DRAWING, SamplingConfig
from seqgen.models.sequence_model import log_softmax
from seqgen.registry.components import find_component
from seqgen.registry.installed_plugins import LoadedDomain

from ..conftest import Answer, Run
from ..helpers import slow_references as slow
from ..helpers.fakes import StepGuide, letters, model_by_hand, random_model, text_domain
from ..helpers.generators import item_generator
from ..helpers.table_model import GroupedEncoder, TableModel, masked_row

ENCODER = GroupedEncoder("abc")
SIZE, END = ENCODER.vocabulary.size, ENCODER.vocabulary.end
MODEL = TableModel.random(SIZE, seed=4)
FREE = FreeGuide(SIZE)
GUIDES: dict[str, Guide[Any]] = {
    "free": FREE,
    "automaton": AutomatonGuide(np.array([[1, 0, 0], [0, 1, 1]]), np.array([True, False]), 1, 4),
    "blind alley": StepGuide([[0, 1, END], [0, 2, END], [2]], SIZE),
}
SEARCH_CLASSES: dict[str, type[Search]] = {
    "beam": BeamSearch,
    "stochastic-beam": StochasticBeamSearch,
}
both = pytest.mark.parametrize("name", SEARCH_CLASSES)


def search(name: str, guide: Guide[Any] = FREE, prompt: Sequence[int] = (), **given: Any) -> Search:
    config = SamplingConfig(**{"sampler": name, "max_tokens": 3, **given})
    return SEARCH_CLASSES[name](MODEL, ENCODER, guide, config, prompt=prompt)


def test_searches_are_found_by_name() -> None:
    assert {name: find_component(SAMPLER, name).value for name in SEARCH_CLASSES} == SEARCH_CLASSES


@both
@pytest.mark.parametrize("guide", GUIDES.values(), ids=list(GUIDES))
def test_figures_are_sums_over_the_tokens(name: str, guide: Guide[Any]) -> None:
    samples = search(name, guide, repetition_penalty=1.4, max_tokens=4).samples(9)
    assert len(samples) >= 5 and [s.index for s in samples] == list(range(len(samples)))
    for sample in samples:
        chosen = [*sample.tokens, *[END] * (sample.finish_reason == "end")]
        figures = [0.0, 0.0, 0.0]
        for place, token in enumerate(chosen):
            plain, kept = MODEL.row(chosen[:place]), masked_row(MODEL, guide, chosen[:place])
            row = slow.penalise(kept, chosen[:place], 1.4)
            figures[0] += plain[token] - slow.log_sum(plain)
            figures[1] += row[token] - slow.log_sum(row)
            figures[2] += slow.log_sum(plain) - slow.log_sum(kept)
        found = [sample.logp, sample.logp_settings, sample.masked]
        assert found == pytest.approx(figures, abs=1e-5)
        assert sample.item == ENCODER.decode(sample.tokens)


@both
def test_context_reaches_the_model_row_by_row(name: str) -> None:
    encoder = letters()
    model = random_model(27, seed=5, context=(40,), scale=1.0)
    guide = StepGuide([range(27)] * 30, 27)
    config = SamplingConfig(sampler=name, max_tokens=12)
    for sample in SEARCH_CLASSES[name](model, encoder, guide, config).samples(8):
        chosen = [*sample.tokens, *[26] * (sample.finish_reason == "end")]
        inputs = np.array([[encoder.vocabulary.start, *sample.tokens]])[:, : len(chosen)]
        plain = log_softmax(model.forward(inputs, np.arange(len(chosen))[None, :, None])[0])
        wanted = plain[np.arange(len(chosen)), chosen].sum()
        assert sample.logp == pytest.approx(wanted, abs=1e-4)


@both
def test_fewer_items_are_the_same_first_ones(name: str) -> None:
    config = SamplingConfig(sampler=name, max_tokens=15, seed=5)
    found = SEARCH_CLASSES[name](random_model(27, seed=3), letters(), FreeGuide(27), config)
    whole = found.samples(10)
    assert len({sample.tokens for sample in whole}) == 10
    for number in range(1, 10):
        part = found.samples(number)
        assert [sample.tokens for sample in part] == [s.tokens for s in whole[:number]]
        assert [s.logp for s in part] == pytest.approx([s.logp for s in whole[:number]], abs=1e-4)


@both
def test_decode_receives_the_condition(name: str) -> None:
    seen: list[Any] = []

    class Listening:
        vocabulary, token_groups = ENCODER.vocabulary, ENCODER.token_groups

        def decode(self, tokens: Sequence[int], condition: Any = None) -> str:
            seen.append((tuple(tokens), condition))
            return "x"

    config = SamplingConfig(sampler=name, max_tokens=3)
    found = SEARCH_CLASSES[name](MODEL, Listening(), FREE, config, "blues")  # type: ignore[arg-type]
    samples = found.samples(3)
    assert seen == [(sample.tokens, "blues") for sample in samples]
    assert {sample.item for sample in samples} == {"x"}


@both
def test_a_prompt_may_be_a_whole_item(name: str) -> None:
    (sample,) = search(name, prompt=(0, 1, 2)).samples(5)
    assert (sample.item, sample.finish_reason, sample.logp) == ("abc", "length", 0.0)
    closing = StepGuide([[0], [END]], SIZE)
    (sample,) = search(name, closing, prompt=(0,), max_tokens=1).samples(5)
    assert (sample.item, sample.finish_reason) == ("a", "end")
    (sample,) = search(name, StepGuide([], SIZE)).samples(5)
    assert (sample.item, sample.finish_reason) == ("", "dead_end")


@both
def test_invalid_searches(name: str) -> None:
    with pytest.raises(SeqgenError, match="max_tokens is required"):
        search(name, max_tokens=None)
    with pytest.raises(SeqgenError, match="cannot continue with 'c' at token 1"):
        search(name, GUIDES["blind alley"], prompt=(2,))
    assert search(name).samples(0) == []


def test_more_items_than_beams_are_an_error() -> None:
    assert len(search("beam", beams=8).samples(8)) == 8
    with pytest.raises(SettingError, match=r"beams must be >= .* requested items, 9, was 8"):
        search("beam", beams=8).samples(9)


def test_too_many_items_are_an_error() -> None:
    assert len(search("stochastic-beam").samples(100_000)) == 40, "all there are"
    with pytest.raises(SettingError, match="at most 100,000 items together, 100,001 were"):
        search("stochastic-beam").samples(100_001)


#: A value away from the default for everything that changes only how tokens are drawn.
CHANGED: dict[str, Any] = {
    "temperature": 0.5,
    "temperature_schedule": "0:2",
    "temperature_groups": "vowel:2",
    "top_k": 3,
    "top_p": 0.5,
    "min_p": 0.1,
    "typical_p": 0.5,
}


@pytest.mark.parametrize("name", DRAWING)
def test_beam_search_rejects_sampling_settings(name: str) -> None:
    given = {name: CHANGED[name]}
    with pytest.raises(SettingError, match=f"{name} changes .* and the beam sampler draws none"):
        SamplingConfig(sampler="beam", **given)
    assert getattr(SamplingConfig(sampler="stochastic-beam", **given), name) == CHANGED[name]


@pytest.mark.parametrize("sampler", ["sample", "greedy", "stochastic-beam"])
@pytest.mark.parametrize("given", [{"beams": 4}, {"length_penalty": 0.5}], ids=str)
def test_other_samplers_have_no_beams(sampler: str, given: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=f"belongs to the sampler 'beam', .* {sampler!r}"):
        SamplingConfig(sampler=sampler, **given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"beams": 0}, "beams must be >= 1, was 0"),
        ({"beams": 10_001}, "beams must be <= 10000, was 10001"),
        ({"length_penalty": -0.1}, r"length_penalty must be >= 0.0, was -0.1"),
        ({"length_penalty": 5.5}, r"length_penalty must be <= 5.0, was 5.5"),
        ({"length_penalty": math.nan}, "length_penalty must be a finite number"),
    ],
)
def test_bounds(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        SamplingConfig(sampler="beam", **given)


def lines(answer: Answer) -> list[dict[str, Any]]:
    assert answer.code == 0, answer.err
    return [json.loads(line) for line in answer.out.splitlines()]


@both
def test_the_command_line_gives_different_items(name: str, seqgen: Run, dinos_model: Path) -> None:
    def made(*args: object) -> list[dict[str, Any]]:
        return lines(seqgen("generate", dinos_model, "--sampler", name, "--json", *args))

    items = made("-n", 5)
    assert [item["index"] for item in items] == list(range(5))
    assert len({item["text"] for item in items}) == 5
    assert [item["text"] for item in made()][:5] == [item["text"] for item in items]
    assert len(made()) == 10
    assert [item["text"] for item in made("--only", 3)] == [items[3]["text"]]
    assert all(item["text"].startswith("Tri") for item in made("--starts-with", "tri"))
    # All that there are, and no more.
    assert [item["text"] for item in made("--starts-with", "tri", "--max-length", 3)] == ["Tri"]


@both
def test_a_receipt_is_replayed(name: str, seqgen: Run, dinos_model: Path, tmp_path: Path) -> None:
    items = lines(seqgen("generate", dinos_model, "--sampler", name, "-n", 3, "--json"))
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(items[2]["receipt"]), encoding="utf-8")
    (again,) = lines(seqgen("replay", path, "--json"))
    assert again["same"] and again["text"] == items[2]["text"] and again["index"] == 2


@both
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--stream"], "knows its items only after the search"),
        (["--unbiased"], "--unbiased rejects single items"),
        (["--starts-with", "tri", "--max-length", 3, "--only", 1], "there is no sample 1"),
    ],
    ids=str,
)
def test_unsupported_options_of_a_search_are_errors(
    name: str, flags: list[object], message: str, seqgen: Run, dinos_model: Path
) -> None:
    answer = seqgen("generate", dinos_model, "--sampler", name, *flags)
    assert answer.code != 0
    assert message in answer.err and "Traceback" not in answer.err


@both
def test_novel_items_need_the_training_items(name: str) -> None:
    words = ("ab", "ba", "aab", "abb", "bab", "bba", "baa", "aba", "bb", "aa")
    domain = text_domain(words)
    model = model_by_hand(LoadedDomain(domain, "tests", "1"), words)
    items = list(item_generator(domain, model, sampler=name, novel=True).first(10))
    assert len(items) == 10 and all(item.novel for item in items)
    without = replace(model, training_arrays={})
    with pytest.raises(SettingError, match="does not store its training items"):
        item_generator(domain, without, sampler=name, novel=True)


def test_the_examples_of_the_page_run() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "sampling.md"
    text = page.read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 4 and sum("assert" in one for one in examples) == 3
    names: dict[str, Any] = {}
    for example in examples:
        exec(example, names)


def test_the_page_names_every_setting_and_sampler() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "sampling.md"
    text = page.read_text(encoding="utf-8")
    settings = [item.name for item in fields(SamplingConfig) if item.metadata.get("flag", True)]
    for name in [*sampler_names(), *settings]:
        assert f"`{name}`" in text, name

"""Samplers and processors of plugins: flags, keywords, objects, receipts, and clear errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import seqgen as sg
from seqgen.errors import PluginError, SettingError
from seqgen.generation.components import (
    PROCESSOR,
    SAMPLER,
    SamplerOptions,
    collect_options,
    sampler_names,
)
from seqgen.generation.generator import Generator, make_chain
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generation_config import GenerationConfig
from seqgen.registry.components import builtin_components, find_component
from seqgen.runs.run_config import RunConfig
from seqgen.settings import settings_from, settings_to

from ..conftest import Install, Run
from ..helpers.fakes import dinos, letters, random_model
from ..helpers.receipts import samples
from ..helpers.samplers import EXAMPLE, MIROSTAT

BOTH = ("--sampler", "mirostat", "--tau", 2, "--processors", "frequency-penalty")
SETTINGS: dict[str, Any] = {
    "sampler": "mirostat",
    "tau": 2.0,
    "processors": "frequency-penalty",
    "frequency_penalty": 0.7,
}
ENCODER = letters("abcdef")


@pytest.fixture
def mirostat(install: Install) -> Iterator[Path]:
    """The example, installed as a plugin."""
    code = EXAMPLE.read_text(encoding="utf-8")
    path = install(code, "mirostat", "seqgen-mirostat", "0.1.0", "seqgen.samplers")
    (points,) = path.parent.glob("*.dist-info/entry_points.txt")
    added = f"[seqgen.logits_processors]\nfrequency-penalty = {path.stem}\n"
    points.write_text(points.read_text() + added)
    find_component.cache_clear()
    yield path


def uninstall(module: Path) -> None:
    sys.path.remove(str(module.parent))
    find_component.cache_clear()


def texts(answer_out: str) -> list[str]:
    return [sample["text"] for sample in samples(answer_out)]


def test_built_in_components_come_from_the_hooks() -> None:
    assert sampler_names()[:4] == ["sample", "greedy", "beam", "stochastic-beam"]
    names = "ban force no-repeat-ngram repetition-penalty temperature temperature-schedule "
    names += "temperature-groups recall top-k top-p min-p typical-p"
    found = builtin_components(PROCESSOR)
    assert list(found) == names.split()
    stages = [kind.stage for kind in found.values()]
    assert stages == sorted(stages), "registered in the order of the page"


def test_flags_keywords_and_objects_give_the_same_items(
    mirostat: Path, seqgen: Run, dinos_model: Path
) -> None:
    answer = seqgen("generate", dinos_model, "-n", 4, *BOTH, "--frequency-penalty", 0.7, "--json")
    assert answer.code == 0, answer.err
    model = sg.load(dinos_model)
    named = model.generate(4, **SETTINGS)
    assert [item.text for item in named] == texts(answer.out)
    assert [item.text for item in named] != [item.text for item in model.generate(4)]
    size = model.trained.encoder.vocabulary.size
    objects: dict[str, Any] = {
        "sampler": MIROSTAT.Mirostat(tau=2.0),
        "processors": [MIROSTAT.FrequencyPenalty(0.7, size)],
    }
    made = model.generate(4, **objects)
    assert [item.text for item in made] == [item.text for item in named]
    assert named[0].receipt is not None and made[0].receipt is None
    mixed = model.generate(4, **{**objects, "processors": ["frequency-penalty"]},
                           frequency_penalty=0.7)  # fmt: skip
    assert [item.text for item in mixed] == [item.text for item in named]
    streamed = model.stream(stop=4, **objects)
    assert [item.text for item in streamed] == [item.text for item in named]
    with pytest.raises(sg.SeqgenError, match="a receipt names the sampler and the processors"):
        model.generate(1, receipts=True, **objects)


def test_help_shows_the_options_of_named_components(
    mirostat: Path, seqgen: Run, dinos_model: Path
) -> None:
    page = seqgen("generate", dinos_model, *BOTH, "--help").out
    assert "Sampler mirostat:" in page and "--tau X" in page and "--frequency-penalty X" in page
    assert "--tau" not in seqgen("generate", dinos_model, "--help-all").out
    answer = seqgen("generate", dinos_model, "--tau", 2)
    assert answer.code == 2 and "--tau is an option of --sampler mirostat" in answer.err


def test_a_receipt_names_components_and_is_replayed(
    mirostat: Path, seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    (sample,) = samples(seqgen("generate", dinos_model, "--only", 3, *BOTH, "--json").out)
    saved = sample["receipt"]["settings"]
    assert (saved["sampler"], saved["processors"]) == ("mirostat", "frequency-penalty")
    assert saved["components"]["mirostat"] == {
        "distribution": "seqgen-mirostat",
        "version": "0.1.0",
        "options": {"tau": 2.0, "eta": 0.1},
    }
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(sample))
    (again,) = samples(seqgen("replay", path, "--json").out)
    assert again["same"] and again["text"] == sample["text"] and again["changes"] == []
    saved["components"]["mirostat"]["version"] = "0.0.9"
    path.write_text(json.dumps(sample))
    (again,) = samples(seqgen("replay", path, "--json").out)
    assert again["changes"] == ["seqgen-mirostat 0.0.9 then, seqgen-mirostat 0.1.0 now"]
    uninstall(mirostat)
    answer = seqgen("replay", path)
    assert answer.code == 1 and "pip install seqgen-mirostat" in answer.err


def test_settings_without_components_are_saved_as_before() -> None:
    assert {"processors", "components"}.isdisjoint(settings_to(SamplingConfig()))
    assert settings_from(SamplingConfig, settings_to(SamplingConfig()), "") == SamplingConfig()


def test_a_run_saves_its_components_with_the_model(mirostat: Path) -> None:
    domain = dinos().domain
    run = RunConfig.build(domain, SETTINGS)
    saved = settings_to(run.sampling)
    again = settings_from(SamplingConfig, json.loads(json.dumps(saved)), "generation")
    assert again == run.sampling
    config = GenerationConfig.build(domain, {"tau": 4.0}, again)
    assert config.sampling.sampler == "mirostat"
    assert config.sampling.components["mirostat"]["options"] == {"tau": 4.0, "eta": 0.1}
    assert config.sampling.components["frequency-penalty"]["options"]["frequency_penalty"] == 0.7
    plain = GenerationConfig.build(domain, {"sampler": "greedy", "processors": ""}, again).sampling
    assert plain == SamplingConfig(sampler="greedy"), "nothing of a component that is not named"
    resumed = RunConfig.build(domain, run.settings)
    assert resumed.sampling == run.sampling
    uninstall(mirostat)
    with pytest.raises(PluginError, match=r"'mirostat' is of seqgen-mirostat 0.1.0, which"):
        GenerationConfig.build(domain, {}, again)
    assert GenerationConfig.build(domain, {"sampler": "greedy", "processors": ""}, again)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tau": 2.0}, "unknown setting 'tau'"),
        ({"sampler": "mirostat", "tau": -1.0}, "tau must be > 0.0, was -1.0"),
        ({"sampler": "mirostat", "tau": "x"}, "tau must be float, was 'x'"),
        ({"sampler": "miro"}, "sampler must be one of sample, .*mirostat, was 'miro'"),
        ({"sampler": 3}, r"sampler must be a name or a seqgen.Sampler object, was 3"),
        ({"sampler": MIROSTAT.Mirostat}, "must be a name or a seqgen.Sampler object"),
        ({"processors": "vowels"}, r"installed logits processors \(frequency-penalty\), was 'vow"),
        ({"processors": "top-k"}, "'top-k' is built in: set its options"),
        ({"processors": "frequency-penalty frequency-penalty"}, "occurs twice"),
        ({"processors": [3]}, "processors must be names or seqgen.LogitsProcessor objects, was 3"),
        ({"components": {"x": 3}}, "components: 'x' must have the keys distribution, version"),
        ({"components": 3}, "components must be dict, was 3"),
    ],
    ids=str,
)
def test_errors_of_settings(mirostat: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        GenerationConfig.build(dinos().domain, settings)


def test_options_of_one_name_are_errors(mirostat: Path) -> None:
    values = {"sampler": "mirostat"}
    with pytest.raises(PluginError, match=r"the option 'tau' of 'mirostat' \(seqgen-mirostat\) is"):
        collect_options(values, SamplerOptions(), {"tau"})


WRONG = """
import seqgen

class Mine(seqgen.Sampler):
    {body}

    def choose(self, logits, uniforms, state):
        return None

@seqgen.hookimpl
def seqgen_samplers():
    return [Mine]
"""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("pass", "subclasses of seqgen.Sampler with a name"),
        ("name = 'mine'; Options = dict", "whose Options is a dataclass"),
        ("name = 'other'", "it returns other"),
    ],
)
def test_a_hook_that_returns_something_else(install: Install, body: str, message: str) -> None:
    install(WRONG.format(body=body), "mine", "seqgen-mine", "1.0", "seqgen.samplers")
    with pytest.raises(PluginError, match=message):
        find_component(SAMPLER, "mine")


class Answering(sg.Sampler[Any]):
    """A sampler with a fixed answer."""

    name = "answering"

    def __init__(self, answer: Any, state: Any = None) -> None:
        super().__init__()
        self.answer, self.first = answer, state

    def start(self, batch: int) -> Any:
        return self.first

    def choose(self, logits: Any, uniforms: Any, state: Any) -> Any:
        return self.answer(logits, state)


def items(sampler: Any = None, processors: Any = (), **settings: Any) -> list[Any]:
    size = ENCODER.vocabulary.size
    parts = random_model(size, seed=1), ENCODER, sg.FreeGuide(size)
    config = SamplingConfig(max_tokens=5, ban="a", **settings)
    return list(Generator(*parts, config, sampler=sampler, processors=processors).samples(range(6)))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x, s: x.argmax(1), "must return a tuple of tokens and state"),
        (lambda x, s: (x.argmax(1)[:2], s), r"one integer per row, shape \(6,\); .* shape \(2,\)"),
        (lambda x, s: (x.max(1), s), "one integer per row"),
        (lambda x, s: (x.argmax(1) - 9, s), "token ids from 0 to 6"),
        (lambda x, s: (x.argmax(1) * 0, s), "returned a token whose logit is minus infinity"),
    ],
)
def test_tokens_of_a_sampler_are_checked(answer: Any, message: str) -> None:
    with pytest.raises(PluginError, match=f"sampler 'answering': choose.*{message}"):
        items(Answering(answer))


def test_a_state_that_is_no_array_needs_select() -> None:
    ended = Answering(lambda x, s: (np.where(np.arange(len(x)) == 0, 6, 1), s), state=[1])
    with pytest.raises(PluginError, match="has a state that is no array: it must define select"):
        items(ended)


class Changing(sg.StatelessProcessor):
    """A processor with a fixed change."""

    name = "changing"

    def __init__(self, change: Any, dead_ends: bool = False) -> None:
        self.change_logits, self.may_leave_none = change, dead_ends

    def change(self, logits: Any) -> None:
        self.change_logits(logits)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "returned a logit that is not a number or is infinite"),
        (np.inf, "returned a logit that is not a number or is infinite"),
        (0.0, "changed a logit of minus infinity"),
        (-np.inf, "excluded every token of a row: set may_leave_none = True"),
    ],
)
def test_logits_of_a_processor_are_checked(value: float, message: str) -> None:
    def change(logits: Any) -> None:
        logits[:] = value

    with pytest.raises(PluginError, match=f"logits processor 'changing' {message}"):
        items(processors=[Changing(change)])
    if value == -np.inf:
        reasons = {item.finish_reason for item in items(processors=[Changing(change, True)])}
        assert reasons == {"dead_end"}


def test_processors_are_applied_in_the_order_of_their_stages() -> None:
    seen: list[int] = []

    def after(place: int, stage: sg.Stage) -> Changing:
        processor = Changing(lambda logits: seen.append(place))
        processor.stage = stage
        return processor

    own = [after(5, sg.Stage.TRUNCATE), after(1, sg.Stage.EXCLUDE), after(2, sg.Stage.ADJUST)]
    config = SamplingConfig(top_k=3, temperature=0.5, ban="a")
    chain = make_chain(config, ENCODER, own)
    assert [processor.stage for processor in chain.processors] == [1, 1, 2, 3, 5, 5]
    chain.apply(np.zeros((2, ENCODER.vocabulary.size), np.float32), chain.start(2))
    assert seen == [1, 2, 5]


def test_processors_work_with_searches() -> None:
    size = ENCODER.vocabulary.size
    found = items(processors=[MIROSTAT.FrequencyPenalty(50.0, size)])
    assert all(len(set(item.tokens)) == len(item.tokens) for item in found)

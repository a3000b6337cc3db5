"""Flags and keyword arguments accept, refuse and generate the same."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

import seqgen as sg
from seqgen.api.model import Model
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generation_config import Constraints, GenerationConfig
from seqgen.registry.installed_plugins import load_domain
from seqgen.settings import flag_name

from ..conftest import Run
from ..helpers.fakes import text_domain

#: For each setting some values, of which one or more are refused where there is such a value.
SAMPLING: dict[str, tuple[Any, ...]] = {
    "sampler": ("sample", "greedy", "beam", "stochastic-beam", "best"),
    "beams": (3, 0),
    "processors": ("", "unknown", "top-k"),
    "length_penalty": (0.5, -1.0),
    "temperature": (0.8, 2, 0),
    "temperature_schedule": ("0:1.3 10:0.8", "x"),
    "temperature_groups": ("", "no:1"),
    "recall": (0.3, 1.0),
    "recall_after": (2, 0),
    "top_k": (3, -1),
    "top_p": (0.5, 0.0),
    "min_p": (0.1, 1.5),
    "typical_p": (0.9, 0.0),
    "repetition_penalty": (1.2, 0.5),
    "no_repeat_ngram": (2, -1),
    "ban": ("a", "??"),
    "force": ("0:t", "t"),
    "min_tokens": (5, -1),
    "max_tokens": (6, 0),
    "batch_size": (1, 0),
    "seed": (7, -1),
}
CONSTRAINTS: dict[str, tuple[Any, ...]] = {
    "match": ("tri.*", "("),
    "novel": (True,),
    "unbiased": (True,),
    "max_copy": (4, -1),
    "max_draws": (3, 0),
}
DINOS: dict[str, tuple[Any, ...]] = {
    "starts_with": ("tri", "?"),
    "ends_with": ("us",),
    "min_length": (12, 0),
    "max_length": (7, 99),
}
OTHERS: dict[str, tuple[Any, ...]] = {
    "prompt": ("ta", "?"),
    "best": (1,),
}
#: Several at once, and settings that exclude those saved with the jazz model.
COMBINED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("dinos", {"temperature": 0.5, "temperature_schedule": "0:1.3"}),
    ("dinos", {"sampler": "beam", "beams": 4, "length_penalty": 1.0}),
    ("dinos", {"sampler": "greedy", "top_k": 3}),
    ("dinos", {"sampler": "beam", "max_copy": 4}),
    ("dinos", {"min_tokens": 9, "max_tokens": 5}),
    ("jazz", {"temperature": 0.8}),
    ("jazz", {"temperature_schedule": "0:1.2 40:0.9"}),
    ("jazz", {"temperature_groups": "rhythm:0.8"}),
    ("jazz", {"sampler": "greedy"}),
    ("jazz", {"sampler": "beam", "beams": 2}),
    ("jazz", {"chart": "Dm7 | G7", "tempo": 120, "best": 1}),
    ("jazz", {"chart": "Xm7"}),
    ("jazz", {"max_copy": 12}),
)
CASES = [
    *(("dinos", {name: value}) for table in (SAMPLING, CONSTRAINTS, DINOS, OTHERS)
      for name, values in table.items() for value in values),
    *COMBINED,
]  # fmt: skip


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    return {name: sg.open_model(name) for name in ("dinos", "jazz")}


def test_every_setting_is_compared() -> None:
    domain = load_domain("dinos").domain
    tables = {SamplingConfig: SAMPLING, Constraints: CONSTRAINTS, domain.generation_options: DINOS}
    for kind, table in tables.items():
        assert set(table) == {item.name for item in fields(kind)} - {"components"}


def flags_of(settings: dict[str, Any]) -> list[object]:
    """The flags of keyword arguments."""
    flags: list[object] = []
    for name, value in settings.items():
        flags += [flag_name(name)] if value is True else [flag_name(name), value]
    return flags


@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_flags_and_keywords_are_the_same(
    seqgen: Run, models: dict[str, Model], name: str, settings: dict[str, Any]
) -> None:
    count = 2 if name == "dinos" else 1
    answer = seqgen("generate", models[name].path, "-n", count, *flags_of(settings), "--json")
    try:
        items = models[name].generate(count, **settings)
    except sg.SeqgenError:
        assert answer.code in (1, 2), f"only the keywords are refused: {answer.out}"
        return
    assert answer.code == 0, f"only the flags are refused: {answer.err}"
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [(line["index"], line["text"], line["logp"]) for line in lines] == [
        (item.sample.index, item.text, item.sample.logp) for item in items
    ]


def test_what_excludes_a_saved_setting_replaces_it() -> None:
    domain, saved = text_domain(["ab"]), SamplingConfig(temperature_groups="pitch:1.1", top_k=3)
    warm = GenerationConfig.build(domain, {"temperature": 0.5}, saved).sampling
    assert (warm.temperature, warm.temperature_groups, warm.top_k) == (0.5, "", 3)
    greedy = GenerationConfig.build(domain, {"sampler": "greedy"}, saved).sampling
    assert (greedy.temperature_groups, greedy.top_k) == ("", 0)


def test_none_is_the_saved_value() -> None:
    domain, saved = text_domain(["ab"]), SamplingConfig(temperature=0.5)
    config = GenerationConfig.build(domain, {"temperature": None, "count": None}, saved, count=4)
    assert config.sampling == saved and config.count == 4


def test_the_options_are_resolved_once() -> None:
    calls: list[str] = []

    def note(name: str) -> Any:
        def called(options: Any) -> Any:
            calls.append(name)
            return options

        return called

    domain = text_domain(["ab"], resolve=note("resolve"), condition=note("condition"))
    GenerationConfig.build(domain, {})
    assert calls == ["resolve", "condition"]

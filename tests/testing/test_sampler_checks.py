"""The checks of samplers and processors: good ones pass, each defect fails the check of its law."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seqgen.generation.components import PROCESSOR
from seqgen.generation.sampler import GreedySampler, InverseCDFSampler
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.registry.components import builtin_components
from seqgen.testing import (
    PROCESSOR_CHECKS,
    SAMPLER_CHECKS,
    check_named,
    checks_of,
    letters_encoder,
    parametrize_with_checks,
)

from ..conftest import Run
from ..helpers.samplers import MIROSTAT

Mirostat: Any = MIROSTAT.Mirostat
FrequencyPenalty: Any = MIROSTAT.FrequencyPenalty
SIZE = letters_encoder().vocabulary.size
#: Settings with which each built-in processor changes something.
ACTIVE: dict[str, dict[str, Any]] = {
    "ban": {"ban": "b q"},
    "force": {"min_tokens": 2},
    "no-repeat-ngram": {"no_repeat_ngram": 2},
    "repetition-penalty": {"repetition_penalty": 1.5},
    "temperature": {"temperature": 0.5},
    "temperature-schedule": {"temperature_schedule": "0:2 5:0.5"},
    "recall": {"recall": 0.4, "recall_after": 1},
    "top-k": {"top_k": 3},
    "top-p": {"top_p": 0.7},
    "min-p": {"min_p": 0.1},
    "typical-p": {"typical_p": 0.6},
}


@pytest.mark.parametrize("sampler", [InverseCDFSampler(), GreedySampler(), Mirostat(tau=1.0)])
@pytest.mark.parametrize("check", SAMPLER_CHECKS, ids=lambda check: check.name)
def test_good_samplers_pass(sampler: Any, check: Any) -> None:
    outcome = check.outcome(checks_of(sampler)[0])
    assert outcome.status == "passed", outcome


@parametrize_with_checks(FrequencyPenalty(0.5, SIZE))
def test_checks_are_tests(check: Callable[[], None]) -> None:
    check()


@pytest.mark.parametrize("name", ACTIVE)
def test_built_in_processors_pass(name: str) -> None:
    kind = builtin_components(PROCESSOR)[name]
    processor = kind.make(SamplingConfig(**ACTIVE[name]), letters_encoder())
    subject, checks = checks_of(processor)
    for check in checks:
        outcome = check.outcome(subject)
        assert outcome.status == "passed", outcome


def choose(change: Callable[..., Any]) -> dict[str, Any]:
    """Mirostat whose answer is changed afterwards."""

    def changed(self: Any, logits: Any, uniforms: Any, state: Any) -> Any:
        answer = Mirostat.choose(self, logits, uniforms, state)
        return change(logits, uniforms, state, *answer)

    return {"choose": changed}


def in_place(logits: Any, uniforms: Any, state: Any, tokens: Any, after: Any) -> Any:
    state[:] = after
    return tokens, state


def writes_logits(logits: Any, uniforms: Any, state: Any, tokens: Any, after: Any) -> Any:
    logits[0, tokens[0]] += 1
    return tokens, after


def remembering() -> Callable[..., Any]:
    calls: list[int] = []

    def change(logits: Any, uniforms: Any, state: Any, tokens: Any, after: Any) -> Any:
        calls.append(1)
        return tokens, after + len(calls)

    return change


def shared(logits: Any, uniforms: Any, state: Any, tokens: Any, after: Any) -> Any:
    return tokens, after - after.mean() / 100


def most_probable(logits: Any, uniforms: Any, state: Any, tokens: Any, after: Any) -> Any:
    return logits.argmax(axis=1), after


def excluded(logits: Any, uniforms: Any, state: Any, tokens: Any, after: Any) -> Any:
    return logits.argmin(axis=1), after


BROKEN_SAMPLERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "excluded": ("sampler_tokens", choose(excluded), "whose logit is minus infinity"),
    "state in place": ("sampler_arguments", choose(in_place), "changed its state"),
    "logits in place": ("sampler_arguments", choose(writes_logits), "changed its logits"),
    "stateful": ("sampler_arguments", choose(remembering()), "gives another result"),
    "rows": ("sampler_rows", choose(shared), "depends on the other rows: its state"),
    "select": ("sampler_rows", {"select": lambda self, state, rows: state[: len(rows)]}, "order"),
    "distribution": ("sampler_distribution", choose(most_probable), "chi-square is"),
    "error": ("sampler_tokens", choose(lambda *_: {}["absent"]), "raised KeyError: 'absent'"),
}


@pytest.mark.parametrize("case", BROKEN_SAMPLERS)
def test_a_defect_of_a_sampler_fails_the_check_of_its_law(case: str) -> None:
    name, changed, message = BROKEN_SAMPLERS[case]
    subject, checks = checks_of(type("Broken", (Mirostat,), changed)(tau=1.0))
    outcome = check_named(name, checks).outcome(subject)
    assert outcome.status == "failed" and message in outcome.note, outcome
    assert outcome.change


def test_a_sampler_that_states_no_distribution() -> None:
    silent = {**choose(most_probable), "probabilities": lambda *_: None}
    subject, checks = checks_of(type("Silent", (Mirostat,), silent)())
    outcome = check_named("sampler_distribution", checks).outcome(subject)
    assert outcome.status == "not applicable"


def advance_in_place(self: Any, state: Any, tokens: Any) -> Any:
    state[np.arange(len(tokens)), tokens] += 1
    return state


def apply_to_state(self: Any, logits: Any, state: Any) -> None:
    state += 1
    logits -= state


def center(self: Any, logits: Any, state: Any) -> None:
    finite = logits > -np.inf
    logits[finite] -= logits[finite].mean()


BROKEN_PROCESSORS: dict[str, tuple[str, dict[str, Any], str]] = {
    "name": ("processor_form", {"Options": int}, "whose Options is a dataclass"),
    "stage": ("processor_form", {"stage": 2}, "stage must be a seqgen.Stage"),
    "restores": (
        "processor_logits",
        {"apply": lambda self, logits, state: np.nan_to_num(logits, copy=False)},
        "changed a logit of minus infinity",
    ),
    "advance in place": ("processor_state", {"advance": advance_in_place}, "advance() changed"),
    "apply in place": ("processor_state", {"apply": apply_to_state}, "apply() changed its state"),
    "rows": ("processor_rows", {"apply": center}, "a row depends on the other rows"),
    "select": (
        "processor_rows",
        {"select": lambda self, state, rows: state[: len(rows)]},
        "the order of rows matters",
    ),
}


@pytest.mark.parametrize("case", BROKEN_PROCESSORS)
def test_a_defect_of_a_processor_fails_the_check_of_its_law(case: str) -> None:
    name, changed, message = BROKEN_PROCESSORS[case]
    subject, checks = checks_of(type("Broken", (FrequencyPenalty,), changed)(0.5, SIZE))
    outcome = check_named(name, checks).outcome(subject)
    assert outcome.status == "failed" and message in outcome.note, outcome
    assert outcome.change


def test_components_are_checked_from_the_command_line(seqgen: Run) -> None:
    answer = seqgen("check", "--sampler", "sample")
    assert answer.code == 0 and f"{len(SAMPLER_CHECKS)} checks: " in answer.out
    answer = seqgen("check", "--sampler", "greedy", "--only", "sampler_rows", "--json")
    assert '"sampler": "greedy"' in answer.out
    assert "no logits processor 'vowels'" in seqgen("check", "--processor", "vowels").err
    for args in (["--processor", "top-k"], ["--sampler", "beam"]):
        assert "cannot be checked by name" in seqgen("check", *args).err
    assert len(PROCESSOR_CHECKS) == 4

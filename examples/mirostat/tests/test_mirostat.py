"""seqgen's checks of both components, what they do, and that they are found by their names."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import seqgen_mirostat

import seqgen.testing

SIZE = seqgen.testing.letters_encoder().vocabulary.size


@seqgen.testing.parametrize_with_checks(seqgen_mirostat.Mirostat(tau=1.0))
def test_sampler(check: Callable[[], None]) -> None:
    check()


@seqgen.testing.parametrize_with_checks(seqgen_mirostat.FrequencyPenalty(0.5, SIZE))
def test_processor(check: Callable[[], None]) -> None:
    check()


def test_the_mean_surprise_is_near_the_target() -> None:
    rng, rows = np.random.default_rng(1), 20
    for tau in (2.5, 3.0, 3.5):
        sampler = seqgen_mirostat.Mirostat(tau=tau)
        state, found = sampler.start(rows), []
        for _ in range(400):
            logits = rng.normal(0.0, 2.0, (rows, 60)).astype(np.float32)
            tokens, state = sampler.choose(logits, rng.random(rows), state)
            found.append(seqgen_mirostat.surprise(logits)[np.arange(rows), tokens])
        assert abs(np.mean(found[100:]) - tau) < 0.05


def test_a_frequent_token_loses_the_penalty_each_time() -> None:
    processor = seqgen_mirostat.FrequencyPenalty(0.5, 3)
    state = processor.start(1)
    for token in (2, 0, 2):
        state = processor.advance(state, np.array([token]))
    logits = np.array([[1.0, -np.inf, 1.0]], np.float32)
    processor.apply(logits, state)
    assert logits.tolist() == [[0.5, -np.inf, 0.0]]


def test_the_installed_components_are_found_by_their_names() -> None:
    run = seqgen.testing.run_command
    assert run("check", "--sampler", "mirostat").code == 0
    assert run("check", "--processor", "frequency-penalty").code == 0
    flags = ("--sampler", "mirostat", "--tau", "2", "--processors", "frequency-penalty")
    answer = run("generate", "dinos", "-n", "2", *flags, "--json")
    assert answer.code == 0, answer.err
    receipt = json.loads(answer.out.splitlines()[0])["receipt"]
    assert receipt["settings"]["components"]["mirostat"]["options"]["tau"] == 2.0

"""Learning curve: nested parts, exact gains, and no claim inside the interval."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.domains.domain import Corpus
from seqgen.errors import DataError
from seqgen.evaluation.learning_curve import learning_curve
from seqgen.evaluation.likelihood import Likelihood
from seqgen.runs.dataset import prepare_data
from seqgen.runs.learning_curve import training_part
from seqgen.training.train_config import TrainConfig

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos


def scored(level: float, noise: float = 0.0, seed: int = 0) -> Likelihood:
    """Items of ten tokens with a mean loss of about ``level``."""
    drawn = np.random.default_rng(seed).normal(0, 1, 50)
    return Likelihood(10 * level + noise * drawn, np.full(50, 10))


def test_the_next_gain_continues_the_trend() -> None:
    curve = learning_curve([1, 2, 4], [scored(2.0), scored(1.8), scored(1.7)])
    assert curve.last.value == pytest.approx(0.1) and curve.next.value == pytest.approx(0.05)
    assert "would gain about +0.050" in curve.words and curve.to_json()["items"] == [1, 2, 4]


@given(st.lists(st.floats(0.5, 3.0), min_size=3, max_size=3))
def test_the_next_doubling_never_gains_more_than_the_last(levels: list[float]) -> None:
    curve = learning_curve([1, 2, 4], [scored(level) for level in levels])
    assert abs(curve.next.value) <= abs(curve.last.value) + 1e-9


def test_nothing_is_claimed_inside_the_interval() -> None:
    same = [scored(2.0, 5.0, seed) for seed in range(3)]
    curve = learning_curve([1, 2, 4], same)
    assert curve.last.low < 0 < curve.last.high and "no significant effect" in curve.words
    worse = learning_curve([1, 2, 4], [scored(2.0), scored(1.9), scored(2.1)])
    assert "increased the loss" in worse.words


def test_one_item_claims_nothing() -> None:
    one = [Likelihood(np.array([nats]), np.array([10])) for nats in (20.0, 18.0, 17.0)]
    curve = learning_curve([1, 2, 4], one)
    assert "+0.100 nats per token (one item gives no interval)" in curve.words
    assert "no significant effect" in curve.words
    assert curve.to_json()["last_doubling"] == [pytest.approx(0.1), None, None]


def test_parts_are_nested_and_touch_nothing_else() -> None:
    data = prepare_data(dinos().domain, Corpus(dino_names()), TrainConfig())
    parts = [training_part(data, part) for part in (1, 2, 4, 8)]
    assert parts[0].split == data.split
    for large, small in itertools.pairwise(parts):
        assert set(small.split.train) < set(large.split.train)
        assert small.split.held_out == data.split.held_out
        assert small.split.validation == data.split.validation
        assert small.card.split != large.card.split
        assert abs(len(small.split.train) - len(large.split.train) / 2) < 8


def test_too_few_items_are_refused() -> None:
    data = prepare_data(dinos().domain, Corpus(("abcd", "efghij", "klmnopqr")), TrainConfig())
    with pytest.raises(DataError, match="a learning curve needs at least 8"):
        training_part(data, 8)


@pytest.mark.parametrize("flags", [(), ("--learning-curve", "--data", "x")])
def test_evaluate_needs_one_of_two_flags(
    seqgen: Run, dinos_model: Path, flags: tuple[str, ...]
) -> None:
    answer = seqgen("evaluate", dinos_model, *flags)
    assert answer.code == 2 and "give --data or --learning-curve" in answer.err
    assert "seqgen inspect MODEL" in answer.err


def test_a_model_outside_its_run_folder_is_refused(seqgen: Run, dinos_model: Path) -> None:
    answer = seqgen("evaluate", dinos_model, "--learning-curve")
    assert answer.code == 1 and "is no run folder" in answer.err


def test_unseen_items_are_scored_separately(seqgen: Run, dinos_model: Path, tmp_path: Path) -> None:
    data = prepare_data(dinos().domain, Corpus(dino_names()), TrainConfig())
    names = tmp_path / "names.txt"
    items = [str(data.items[k]) for k in (*data.split.train[:3], *data.split.held_out)]
    names.write_text("\n".join(items), encoding="utf-8")
    answer = seqgen("evaluate", dinos_model, "--data", names)
    assert "3 of" in answer.out and f"{len(data.split.held_out)} unseen items" in answer.out

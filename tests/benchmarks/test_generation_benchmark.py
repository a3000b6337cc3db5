"""The generation benchmark: it runs, and its targets are judged by the measured range."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def timing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of helpers."""
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.timing")


@pytest.fixture
def targets(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of targets."""
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.generation.targets")


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ((0.8, 0.9, 1.0), "met in every round"),
        ((0.8, 0.9, 1.1), "median met, inside the noise"),
        ((0.9, 1.1, 1.2), "**median not met**, inside the noise"),
        ((1.1, 1.2, 1.3), "**not met**"),
    ],
)
def test_a_ratio_is_judged_by_its_entire_range(
    timing: Any, values: tuple[float, ...], result: str
) -> None:
    assert timing.judge(timing.Spread.of(values), 1.0) == result


def test_a_minimum_is_judged_by_its_entire_range(timing: Any, targets: Any) -> None:
    measured = timing.Spread.of((4.0, 6.0, 7.0))
    assert targets.at_least("", measured, 5.0).result == "median met, inside the noise"
    assert targets.at_least("", measured, 4.0).result == "met in every round"
    assert targets.at_least("", measured, 8.0).result == "**not met**"
    assert targets.at_least("", measured, 8.0).measured == measured


def test_peers_rotate_and_ratios_are_computed_within_a_round(timing: Any) -> None:
    order: list[str] = []
    peers = [timing.Peer(name, lambda name=name: order.append(name), 1) for name in "ab"]
    timing.interleave(peers, rounds=2, min_seconds=0.0)
    assert order[-4:] == ["a", "b", "b", "a"]
    assert [len(peer.walls) for peer in peers] == [2, 2]
    assert timing.compute_ratios([1.0, 4.0], [2.0, 2.0]) == timing.Spread(1.25, 0.5, 2.0)


@pytest.mark.slow
def test_the_quick_run_prints_every_section(python: Run, dinos_model: Path) -> None:
    answer = python(
        "-m",
        "benchmarks.generation.benchmark",
        "--quick",
        "--no-tensorflow",
        "--model",
        dinos_model,
        PYTHONPATH=str(ROOT),
    )
    assert answer.code == 0, answer.err
    for title in ("Microseconds a token", "Targets", "Where the time goes", "Shell", "Replay"):
        assert f"\n## {title}" in answer.out
    assert "| **seqgen**, `Generator.samples` | " in answer.out
    assert "| in batches of 7 | " in answer.out
    assert "\n## First call of a compiled loop" not in answer.out, "--no-tensorflow"

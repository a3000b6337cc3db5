"""The generation benchmark runs, and says of a bar what the figures say."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def timing(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that times and judges."""
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.timing")


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the bars."""
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.generation.targets")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((0.8, 0.9, 1.0), "met in every round"),
        ((0.8, 0.9, 1.1), "median met, inside the noise"),
        ((0.9, 1.1, 1.2), "**median not met**, inside the noise"),
        ((1.1, 1.2, 1.3), "**not met**"),
    ],
)
def test_a_verdict_weighs_the_whole_range(
    timing: Any, values: tuple[float, ...], says: str
) -> None:
    assert timing.verdict(timing.Spread.of(values), 1.0) == says


def test_a_bar_to_reach_is_judged_the_other_way_round(timing: Any, bars: Any) -> None:
    found = timing.Spread.of((4.0, 6.0, 7.0))
    assert bars.at_least("", found, 5.0).says == "median met, inside the noise"
    assert bars.at_least("", found, 4.0).says == "met in every round"
    assert bars.at_least("", found, 8.0).says == "**not met**"
    assert bars.at_least("", found, 8.0).found == found


def test_peers_take_turns_and_ratios_stay_within_a_round(timing: Any) -> None:
    order: list[str] = []
    peers = [timing.Peer(name, lambda name=name: order.append(name), 1) for name in "ab"]
    timing.interleave(peers, rounds=2, least_seconds=0.0)
    assert order[-4:] == ["a", "b", "b", "a"]
    assert [len(peer.walls) for peer in peers] == [2, 2]
    peers[0].rounds, peers[1].rounds = [1.0, 4.0], [2.0, 2.0]
    assert timing.ratios(*peers) == timing.Spread(1.25, 0.5, 2.0)


@pytest.mark.slow
def test_the_quick_run_gives_every_section(python: Run, dinos_model: Path) -> None:
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
    assert "\n## First call of a compiled loop" not in answer.out, "no TensorFlow was asked for"

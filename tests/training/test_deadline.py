"""Deadline: epochs are adapted to the time limit, and saved changes give the same weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgen.training.checkpoint import Checkpoint
from seqgen.training.history import EpochReport
from seqgen.training.stop_conditions import Deadline

from .test_trainer import Clock, Trained, digest
from .test_trainer import train as train  # the fixture

pytestmark = pytest.mark.slow


def rate_after(report: EpochReport, model: Any) -> float:
    """The learning rate of the next step."""
    return float(model.network.optimizer.learning_rate)


def test_the_schedule_is_adapted_to_the_time(train: Callable[..., Trained]) -> None:
    """Fewer epochs if they are slow, more if they are fast; the rate always falls to its end."""
    for seconds, least, most in ((1.0, 4, 8), (0.1, 40, 120)):
        changes: list[tuple[int, int]] = []
        rates: list[float] = []
        _, training, reports = train(
            epochs=20,
            patience=1000,
            clock=Clock(seconds),
            deadline=Deadline(40.0, on_change=lambda *change: changes.append(change)),  # noqa: B023
            on_epoch=lambda report, model: rates.append(rate_after(report, model)),  # noqa: B023
        )
        assert training.ended == "epochs" and len(reports) == reports[-1].epochs
        assert least <= len(reports) <= most and len(reports) != 20
        assert 0.85 * 40 < reports[-1].seconds < 40
        assert changes and changes[-1][1] == len(reports)
        assert rates[-1] == pytest.approx(0.02 * 0.02, rel=0.01)
        assert all(rates[k] >= rates[k + 1] for k in range(2, len(rates) - 1))


def test_saved_changes_give_the_same_weights_with_any_clock(
    train: Callable[..., Trained], tmp_path: Path
) -> None:
    changes: dict[int, int] = {}
    clock, deadline = Clock(0.5), Deadline(40.0, on_change=changes.__setitem__)
    model, training, _ = train(epochs=20, clock=clock, deadline=deadline)
    assert changes

    def interrupt(report: EpochReport, model: Any) -> None:
        if report.epoch == min(changes) + 1:
            raise KeyboardInterrupt

    frozen = Deadline(40.0, changes, frozen=True)
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    for on_epoch in (interrupt, None):
        again, same, _ = train(
            epochs=20,
            clock=Clock(0.01),
            deadline=frozen,
            checkpoint=checkpoint,
            on_epoch=on_epoch,
        )
    assert digest(again) == digest(model) and len(same.history) == len(training.history)
    _, done, more = train(epochs=20, deadline=frozen, checkpoint=checkpoint)
    assert more == [] and done.ended == "epochs", "a finished training is not resumed"


def test_training_stops_after_the_step_that_exceeds_the_time(train: Callable[..., Trained]) -> None:
    clock = Clock(1.0)
    _, training, reports = train(
        epochs=30, clock=clock, deadline=Deadline(20.0, frozen=True), batch_size=4
    )
    assert training.ended == "minutes" and len(reports) < 10
    assert 20 <= clock.now < 26, "it stops within a step, not within an epoch"

"""Ctrl-C: the best so far is kept, and an interrupt is heard even where a library swallows it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from seqgen.training.deadline import Deadline
from seqgen.training.history import EpochReport

from .test_trainer import Trained, validation_nats
from .test_trainer import train as train  # the fixture

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("at", [1, 3])
def test_an_interrupt_keeps_the_best_so_far(train: Callable[..., Trained], at: int) -> None:
    def interrupt(report: EpochReport, model: Any) -> None:
        if report.epoch == at:
            raise KeyboardInterrupt

    model, training, reports = train(epochs=9, on_epoch=interrupt)
    assert training.ended == "interrupted" and len(training.history) == len(reports) == at
    assert training.best is not None
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)


@pytest.mark.parametrize("behind", [RuntimeError, TypeError])
def test_an_error_that_tidying_up_behind_an_interrupt_ends_in_is_an_interrupt(
    train: Callable[..., Trained], behind: type[Exception]
) -> None:
    def interrupt(report: EpochReport, model: Any) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise behind("a variable is empty")

    model, training, _ = train(epochs=9, on_epoch=interrupt)
    assert training.ended == "interrupted" and training.best is not None
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)


@pytest.mark.parametrize("where", ["on_train_batch_begin", "on_test_batch_end"])
def test_an_interrupt_that_a_library_swallows_is_heard(
    train: Callable[..., Trained], where: str
) -> None:
    import keras

    def swallow(number: int, logs: Any = None) -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        swallowing = keras.callbacks.LambdaCallback()
        setattr(swallowing, where, swallow)
        _, training, _ = train(epochs=9, callbacks=[swallowing])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    heard = {"on_train_batch_begin": 0, "on_test_batch_end": 1}[where]
    assert training.ended == "interrupted" and len(training.history) == heard


def test_an_error_of_its_own_stays_one(train: Callable[..., Trained]) -> None:
    def fail(report: EpochReport, model: Any) -> None:
        raise TypeError("no interrupt")

    with pytest.raises(TypeError, match="no interrupt"):
        train(epochs=9, on_epoch=fail)


def test_an_interrupt_before_the_first_epoch_leaves_nothing(train: Callable[..., Trained]) -> None:
    reads = iter([0.0, 0.1])

    def ends() -> float:
        try:
            return next(reads)
        except StopIteration:
            raise KeyboardInterrupt from None

    _, training, reports = train(deadline=Deadline(60.0), clock=ends)
    assert (training.ended, training.history, training.best) == ("interrupted", (), None)
    assert reports == []

"""Ctrl-C: the best epoch is returned, even if a library suppresses the exception."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from seqgen.training.history import EpochReport
from seqgen.training.stop_conditions import Deadline

from .test_trainer import Trained, validation_nats
from .test_trainer import train as train  # the fixture

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("at", [1, 3])
def test_an_interrupt_returns_the_best_epoch(train: Callable[..., Trained], at: int) -> None:
    def interrupt(report: EpochReport, model: Any) -> None:
        if report.epoch == at:
            raise KeyboardInterrupt

    model, training, reports = train(epochs=9, on_epoch=interrupt)
    assert training.ended == "interrupted" and len(training.history) == len(reports) == at
    assert training.best is not None
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)


@pytest.mark.parametrize("error", [RuntimeError, TypeError])
def test_an_error_caused_by_an_interrupt_is_an_interrupt(
    train: Callable[..., Trained], error: type[Exception]
) -> None:
    def interrupt(report: EpochReport, model: Any) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise error("a variable is empty")

    model, training, _ = train(epochs=9, on_epoch=interrupt)
    assert training.ended == "interrupted" and training.best is not None
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)


@pytest.mark.parametrize("where", ["on_train_batch_begin", "on_test_batch_end"])
def test_an_interrupt_suppressed_by_a_library_is_noticed(
    train: Callable[..., Trained], where: str
) -> None:
    import keras

    def suppressed(number: int, logs: Any = None) -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        callback = keras.callbacks.LambdaCallback()
        setattr(callback, where, suppressed)
        _, training, _ = train(epochs=9, callbacks=[callback])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    epochs = {"on_train_batch_begin": 0, "on_test_batch_end": 1}[where]
    assert training.ended == "interrupted" and len(training.history) == epochs


def test_another_error_is_raised(train: Callable[..., Trained]) -> None:
    def fail(report: EpochReport, model: Any) -> None:
        raise TypeError("no interrupt")

    with pytest.raises(TypeError, match="no interrupt"):
        train(epochs=9, on_epoch=fail)


def test_an_interrupt_in_the_first_epoch_leaves_no_model(train: Callable[..., Trained]) -> None:
    reads = iter([0.0, 0.1])

    def ends() -> float:
        try:
            return next(reads)
        except StopIteration:
            raise KeyboardInterrupt from None

    _, training, reports = train(deadline=Deadline(60.0), clock=ends)
    assert (training.ended, training.history, training.best) == ("interrupted", (), None)
    assert reports == []

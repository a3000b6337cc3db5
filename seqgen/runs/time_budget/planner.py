"""The planner of ``--minutes``: measures a short training, and chooses preset and epochs by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import mean
from typing import TYPE_CHECKING, Any, NamedTuple, final

from seqgen.evaluation.likelihood import likelihood
from seqgen.models.ngram import NGram
from seqgen.models.sequence_model import SequenceModel
from seqgen.runs.equivalence import certify, check_untrained
from seqgen.runs.presets import PRESETS, ChosenPreset
from seqgen.runs.run_config import Run
from seqgen.runs.time_budget.plan import Plan, max_epochs, plan_key
from seqgen.runs.train_networks import (
    fit,
    import_keras_rnn,
    make_numpy_rnn,
    raise_diverged,
)
from seqgen.runs.training_batches import count_steps, execution_for, model_shape
from seqgen.training.backend import on_cpu
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

if TYPE_CHECKING:
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN
    from seqgen.runs.dataset import RunData

#: The share of the time that the plan fills, and the one at which training is stopped.
FILLED, STOPPED = 0.96, 0.98
#: The maximum number of networks, if the time suffices for all epochs of each.
MOST_NETWORKS = 3
#: A preset that gets less than this share of its epochs is replaced by the next smaller one.
LEAST_SHARE = 1 / 3
#: Nothing more is measured after this share of the time.
LARGEST_PROBING = 1 / 4
#: Minimum batches and backend calls of each epoch of the probe, and its epochs; the first one
#: traces and is not counted.
STEPS, CALLS, EPOCHS = 8, 2, 4
#: Another execution is measured if the training takes this many seconds or more.
OTHER_FROM = 60.0
#: The probe stops after its second epoch at this share of the minutes.
LARGEST_SHARE = 0.04
#: Items by which scoring is timed, several times what is scored in one batch.
SCORED = 512
#: How often each member of a finished model scores the validation and the held-out items.
VALIDATION_PASSES, HELD_OUT_PASSES = 2, 3

Clock = Callable[[], float]


@final
@dataclass(frozen=True, slots=True)
class Costs:
    """What a run costs on this machine, in seconds.

    Args:
        start: Creating a network, comparing it with NumPy and tracing its first step.
        epoch: An epoch with validation and checkpoint.
        finish: The certificate and the scores of a network.
        model: The scores of the n-gram, and the files.
        steps: Steps of an epoch; not a time.
        execution: How the steps are run.
    """

    start: float
    epoch: float
    finish: float
    model: float
    steps: int
    execution: Execution

    def epochs_in(self, seconds: float, networks: int) -> int:
        """The epochs of each of several networks; at least 1."""
        left = seconds - self.model - networks * (self.start + self.finish)
        return max(int(left / (networks * self.epoch)), 1)

    def total(self, networks: int, epochs: int) -> float:
        """The seconds of all networks and epochs with the finished model."""
        return self.model + networks * (self.start + epochs * self.epoch + self.finish)


def draw_up(run: Run, costs_of: Callable[[Run], Costs], spent: Callable[[], float]) -> Plan:
    """The plan that fills the minutes of a run.

    The preset of the run stays if it gets a third of its epochs; otherwise the next smaller one
    is measured. Time that is left after all epochs of one network goes into more networks, then
    into more epochs. What the user named stays.

    Args:
        run: Its ``training.minutes`` is set.
        costs_of: Measures a run.
        spent: Seconds since the command began.
    """
    minutes = run.config.training.minutes
    assert minutes is not None, "a plan is for a time budget"
    filled = FILLED * 60 * minutes
    drafts: list[tuple[float, int, Run, Costs]] = []
    for tried in _with_smaller_presets(run):
        costs, left = costs_of(tried), filled - spent()
        networks = _count_networks(tried, costs, left)
        share = costs.epochs_in(left, networks) / tried.config.training.epochs
        drafts.append((share, networks, tried, costs))
        if share >= LEAST_SHARE or spent() > LARGEST_PROBING * 60 * minutes:
            break
    # The first of equals. Its share was measured before the probes of others.
    _, networks, best, costs = max(drafts, key=lambda draft: min(draft[0], LEAST_SHARE))
    preset = best.config.preset
    epochs = min(costs.epochs_in(filled - spent(), networks), max_epochs(best.config))
    return Plan(
        plan_key(run),
        minutes,
        preset.preset.name if preset else "",
        preset.reason if preset else "",
        epochs,
        networks,
        _ema(best, epochs * costs.steps),
        max(STOPPED * 60 * minutes - spent() - costs.model - networks * costs.finish, 1.0),
        (spent() + costs.total(networks, epochs)) / 60,
        costs.execution,
    )


def _ema(run: Run, steps: int) -> float:
    """The decay of the moving average, which spans at most a tenth of the steps."""
    decay = run.config.training.ema
    return decay if "ema" in run.config.overrides else min(decay, max(1 - 10 / steps, 0.0))


def _with_smaller_presets(run: Run) -> list[Run]:
    """The run, then the same with each smaller preset that changes it, if it may be replaced."""
    chosen = run.config.preset
    if chosen is None or chosen.named:
        return [run]
    own = [preset.name for preset in PRESETS].index(chosen.preset.name)
    reason = f"{chosen.preset.name} would need more than {run.config.training.minutes:g} minutes"
    found = [run]
    for preset in reversed(PRESETS[:own]):
        config, last = run.config.with_preset(ChosenPreset(preset, reason)), found[-1].config
        # A plan ignores patience. A preset of which everything is overridden is no choice.
        training = replace(config.training, patience=last.training.patience)
        if (config.model, training) != (last.model, last.training):
            found.append(replace(run, config=config))
    return found


def _count_networks(run: Run, costs: Costs, seconds: float) -> int:
    """The most networks that each get all of their epochs; 1 if not even one does."""
    config = run.config
    if "seeds" in config.overrides:
        return config.training.seeds
    counts = range(1, MOST_NETWORKS + 1)
    fit_in = (n for n in counts if costs.total(n, config.training.epochs) <= seconds)
    return max(fit_in, default=1)


class EpochSeconds(NamedTuple):
    """The seconds of an epoch of the probe.

    Args:
        steps: Its steps.
        steady: Its steps without what an epoch needs once before the first of them.
        rest: Validation and checkpoint.
    """

    steps: float
    steady: float
    rest: float


@final
@dataclass(frozen=True, slots=True)
class Timings:
    """The measurements of a probe, in seconds.

    Args:
        trained_in: Its training with creating the network.
        epochs: Each of its epochs, at least two.
        made: Steps of each; not a time.
        certificate: The certificate of the network.
        network_token: Scoring one token with the network.
        ngram_token: Scoring one token with the n-gram.
    """

    trained_in: float
    epochs: tuple[EpochSeconds, ...]
    made: int
    certificate: float
    network_token: float
    ngram_token: float

    def costs(self, steps: int, scored: int, execution: Execution) -> Costs:
        """The costs of the entire training.

        Args:
            steps: Steps of an epoch of all the data.
            scored: Tokens that the finished model scores, each time counted.
            execution: How the steps are run.
        """
        counted = self.epochs[1:]
        seconds, steady, rest = map(mean, zip(*counted, strict=True))
        return Costs(
            start=max(self.trained_in - len(counted) * (seconds + rest), 0.0),
            epoch=steps * steady / self.made + (seconds - steady) + rest,
            finish=self.certificate + scored * self.network_token,
            model=scored * self.ngram_token,
            steps=steps,
            execution=execution,
        )


@final
@dataclass(frozen=True, slots=True)
class Probe:
    """Trains a few steps on a part of the items, and times everything that a training needs.

    Its network is discarded, and the generators are seeded again for the training, so a probe
    changes no model.

    Args:
        run: The run to measure; its ``training.minutes`` limits the probe.
        ngram: The fitted n-gram.
        clock: Seconds from any start.
    """

    run: Run
    ngram: NGram
    clock: Clock

    def cheapest(self, left: Callable[[], float]) -> Costs:
        """The costs of the execution with which one network finishes its epochs first.

        The execution of a short training is measured first, then, if the time suffices, the one
        for as many epochs as it allows.

        Args:
            left: The remaining seconds.
        """
        training = self.run.config.training
        import_keras_rnn(training.seed)  # importing the backend is no cost of a later training
        first = self.costs(execution_for(self.run, epochs=1))
        epochs = min(first.epochs_in(left(), 1), training.epochs)
        other = execution_for(self.run, epochs)
        if other == first.execution or epochs * first.epoch < OTHER_FROM:
            return first
        return min(first, self.costs(other), key=lambda costs: costs.total(1, epochs))

    def costs(self, execution: Execution) -> Costs:
        """The costs of the run with an execution.

        Raises:
            KeyboardInterrupt: Ctrl-C during its training.
            SeqgenError: As ``fit`` and the certificate.
        """
        run, clock = self.run, self.clock
        training = replace(
            run.config.training, epochs=EPOCHS, patience=EPOCHS, seeds=1, minutes=None
        )
        short = replace(run, config=replace(run.config, training=training))
        short = replace(short, data=_part(short, execution))
        began = clock()
        keras_model, epochs = self._train(short, execution)
        trained = clock()
        model = make_numpy_rnn(keras_model, run)
        certify(keras_model, model, run.data)
        certified = clock()
        made, steps = (
            execution.round_up(count_steps(data, training)) for data in (short.data, run.data)
        )
        return Timings(
            trained_in=trained - began,
            epochs=tuple(epochs),
            made=made,
            certificate=certified - trained,
            network_token=_seconds_per_token(model, run.data, clock),
            ngram_token=_seconds_per_token(self.ngram, run.data, clock),
        ).costs(steps, _count_scored_tokens(run.data), execution)

    def _train(self, short: Run, execution: Execution) -> tuple[KerasRNN, list[EpochSeconds]]:
        """A network trained on a part of the data, and the seconds of each epoch."""
        training = short.config.training
        kind = import_keras_rnn(training.seed)
        keras_model = kind(short.config.model, model_shape(self.run.data), seed=training.seed)
        if not on_cpu():
            check_untrained(keras_model, make_numpy_rnn(keras_model, self.run), self.run.data)
        minutes = self.run.config.training.minutes or 1.0
        timer = EpochTimer(self.clock, LARGEST_SHARE * 60 * minutes)
        checkpoint = Checkpoint(self.run.folder.probe, "probe")
        checkpoint.remove()  # of a probe that was killed
        try:
            result = fit(
                keras_model,
                short,
                training,
                execution,
                lambda report: None,
                self.clock,
                checkpoint,
                [timer.callback()],
            )
        finally:
            checkpoint.remove()
        if result.ended is StopReason.INTERRUPTED:
            raise KeyboardInterrupt("during planning, so there is no model")
        if result.ended is StopReason.DIVERGED:
            raise_diverged(training)
        return keras_model, timer.epochs


def _part(run: Run, execution: Execution) -> RunData:
    """The data with evenly spaced training items for a few steps: enough for several calls of
    the backend, and for each of its sequence lengths."""
    calls, train = max(CALLS, execution.max_lengths), run.data.split.train
    items = max(STEPS, calls * execution.steps_per_call) * run.config.training.batch_size
    stride = max(len(train) // items, 1)
    return replace(run.data, split=replace(run.data.split, train=train[::stride][:items]))


def _count_scored_tokens(data: RunData) -> int:
    """How many tokens a finished model scores, each time counted."""
    validation, held_out = (
        int((data.part(part).lengths + 1).sum())
        for part in (data.split.validation, data.split.held_out)
    )
    return VALIDATION_PASSES * validation + HELD_OUT_PASSES * held_out


def _seconds_per_token(model: SequenceModel[Any], data: RunData, clock: Clock) -> float:
    items, vocabulary = data.part(data.split.validation[:SCORED]), data.encoder.vocabulary
    likelihood(model, items[:1], vocabulary)  # what is computed once is no cost of a token
    began = clock()
    scores = likelihood(model, items, vocabulary)
    return (clock() - began) / int(scores.tokens.sum())


@final
class EpochTimer:
    """Times the epochs of a training: their steps, and the rest of each."""

    def __init__(self, clock: Clock, most_seconds: float) -> None:
        self._clock, self._ends = clock, clock() + most_seconds
        self._began, self._first, self._last, self._calls = 0.0, 0.0, 0.0, 0
        self.epochs = list[EpochSeconds]()

    def callback(self) -> Any:
        """The Keras callback; it must come after the callbacks of the trainer."""
        import keras

        timer = self

        class TimerCallback(keras.callbacks.Callback):  # type: ignore[misc]
            """Reads the clock at the start of an epoch, after each step, and at its end."""

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                timer.begin_epoch()

            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                timer.end_call()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                if timer.end_epoch():
                    self.model.stop_training = True

        return TimerCallback()

    def begin_epoch(self) -> None:
        """An epoch begins."""
        self._began, self._calls = self._clock(), 0

    def end_call(self) -> None:
        """A call of the backend ends: one step, or several."""
        self._last, self._calls = self._clock(), self._calls + 1
        if self._calls == 1:
            self._first = self._last

    def end_epoch(self) -> bool:
        """The epoch ends; whether the probe does, too."""
        now = self._clock()
        seconds = steady = self._last - self._began
        if self._calls > 1:
            between = (self._last - self._first) / (self._calls - 1)
            steady = min(between * self._calls, seconds)
        self.epochs.append(EpochSeconds(seconds, steady, now - self._last))
        return len(self.epochs) > 1 and now >= self._ends

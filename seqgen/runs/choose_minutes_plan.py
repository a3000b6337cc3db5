"""The planner of ``--minutes``: times a few steps, and chooses preset, networks and epochs by it.

The plan need not be exact: a ``Deadline`` adapts the number of epochs to the measured ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, final

from seqgen.evaluation.likelihood import likelihood
from seqgen.models.ngram import NGram
from seqgen.models.sequence_model import SequenceModel
from seqgen.runs.dataset import RunData
from seqgen.runs.keras_numpy_equivalence import certify, check_untrained
from seqgen.runs.minutes_plan import Plan, max_epochs, plan_key
from seqgen.runs.presets import PRESETS, ChosenPreset
from seqgen.runs.run_config import Run
from seqgen.runs.train_networks import Clock, fit, import_keras_rnn, make_numpy_rnn, raise_diverged
from seqgen.runs.training_batches import count_steps, execution_for, model_shape
from seqgen.training.backend import on_cpu
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

#: The share of the time that the plan fills, and the one at which training is stopped.
FILLED, STOPPED = 0.96, 0.98
#: The maximum number of networks, if the time suffices for all epochs of each.
MOST_NETWORKS = 3
#: A preset that gets less than this share of its epochs is replaced by the next smaller one.
LEAST_SHARE = 1 / 3
#: Nothing more is timed after this share of the time.
LARGEST_PROBING = 1 / 4
#: Minimum batches and backend calls of each epoch of the probe, and its epochs: the first traces.
STEPS, CALLS, EPOCHS = 8, 3, 3
#: Another execution is timed if the training takes this many seconds or more.
OTHER_FROM = 60.0
#: Items by which scoring is timed, several times what is scored in one batch.
SCORED = 512
#: How often each member of a finished model scores the validation and the held-out items.
VALIDATION_PASSES, HELD_OUT_PASSES = 2, 3
#: The time of a validation step, in training steps: it has no gradients.
VALIDATION_STEP = 1 / 3


@final
@dataclass(frozen=True, slots=True)
class Costs:
    """What a run costs on this machine, in seconds.

    Args:
        start: Creating a network and tracing its first step.
        epoch: An epoch with validation.
        finish: The certificate and the scores of a network.
        model: The scores of the n-gram.
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


def make_plan(run: Run, ngram: NGram, spent: Callable[[], float], clock: Clock) -> Plan:
    """The plan that fills the minutes of a run, by the costs that a probe measures.

    Args:
        run: Its ``training.minutes`` is set.
        ngram: The fitted n-gram.
        spent: Seconds since the command began.
        clock: Seconds from any start.

    Raises:
        KeyboardInterrupt: Ctrl-C during the probe.
        SeqgenError: The loss is NaN, or Keras and NumPy disagree.
    """
    filled = FILLED * 60 * (run.config.training.minutes or 0.0)
    return draw_up(run, lambda tried: cheapest(tried, ngram, filled - spent(), clock), spent)


def draw_up(run: Run, costs_of: Callable[[Run], Costs], spent: Callable[[], float]) -> Plan:
    """The plan that fills the minutes of a run.

    The preset of the run stays if it gets a third of its epochs; otherwise the next smaller one
    is tried. Time that is left after all epochs of one network goes into more networks, then
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
    # The first of equals.
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
        # A plan ignores patience. A preset that is overridden entirely is no choice.
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


def cheapest(run: Run, ngram: NGram, seconds: float, clock: Clock) -> Costs:
    """The costs of the execution with which one network finishes its epochs first.

    The execution of a short training is timed first, then, if the time suffices, the one for as
    many epochs as it allows.
    """
    import_keras_rnn(run.config.training.seed)  # importing the backend is no cost of a training
    first = measure_costs(run, ngram, execution_for(run, epochs=1), clock)
    epochs = min(first.epochs_in(seconds, 1), run.config.training.epochs)
    other = execution_for(run, epochs)
    if other == first.execution or epochs * first.epoch < OTHER_FROM:
        return first
    costs = measure_costs(run, ngram, other, clock)
    return min(first, costs, key=lambda costs: costs.total(1, epochs))


def measure_costs(run: Run, ngram: NGram, execution: Execution, clock: Clock) -> Costs:
    """The costs of a run with an execution, by a short training on a part of its items.

    The network is discarded, and the generators are seeded again for the training, so that this
    changes no model.
    """
    short, ends, calls = _shorten(run, execution), list[float](), list[list[float]]()
    training, data = short.config.training, run.data
    kind, began = import_keras_rnn(training.seed), clock()
    keras_model = kind(short.config.model, model_shape(data), training.seed)
    if not on_cpu():
        check_untrained(keras_model, make_numpy_rnn(keras_model, run), data)
    result = fit(
        keras_model,
        short,
        training,
        execution,
        lambda report: ends.append(clock()),
        clock,
        callbacks=[_call_timer(clock, calls)],
    )
    if result.ended is StopReason.INTERRUPTED:
        raise KeyboardInterrupt("during planning, so there is no model")
    if result.ended is StopReason.DIVERGED:
        raise_diverged(training)
    trained, model = clock(), make_numpy_rnn(keras_model, run)
    certify(keras_model, model, data)
    certified, scored = clock(), _count_scored_tokens(data)
    # The fastest measurements: others include work of other processes. The first epoch traces.
    call = min((times[-1] - times[0]) / (len(times) - 1) for times in calls[1:])
    rest = min(after - before for before, after in pairwise(ends)) - len(calls[1]) * call
    steps = execution.round_up(count_steps(data, training, data.split.train))
    validation = count_steps(data, training, data.split.validation)
    step = call / execution.steps_per_call
    return Costs(
        start=max(trained - began - (EPOCHS - 1) * (len(calls[1]) * call + rest), 0.0),
        epoch=step * (steps + VALIDATION_STEP * validation) + max(rest, 0.0),
        finish=certified - trained + scored * _seconds_per_token(model, data, clock),
        model=scored * _seconds_per_token(ngram, data, clock),
        steps=steps,
        execution=execution,
    )


def _call_timer(clock: Clock, calls: list[list[float]]) -> Any:
    """A Keras callback that appends the end of each call of each epoch."""
    import keras

    class CallTimer(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            calls.append([])

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            calls[-1].append(clock())

    return CallTimer()


def _shorten(run: Run, execution: Execution) -> Run:
    """The run with a few epochs on evenly spaced training items: enough for several calls of the
    backend, and for each of its sequence lengths."""
    calls, split = max(CALLS, execution.max_lengths), run.data.split
    items = max(STEPS, calls * execution.steps_per_call) * run.config.training.batch_size
    stride = max(len(split.train) // items, 1)
    part = replace(split, train=split.train[::stride][:items], validation=split.validation[:1])
    training = replace(run.config.training, epochs=EPOCHS, patience=EPOCHS, seeds=1, minutes=None)
    config = replace(run.config, training=training)
    return replace(run, config=config, data=replace(run.data, split=part))


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

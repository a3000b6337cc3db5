"""Training a run: from its data to a model file that knows what it is worth."""

from __future__ import annotations

import functools
import gc
import time
from collections.abc import Callable
from pathlib import Path

from seqgen.errors import SeqgenError
from seqgen.evaluation.baselines import fit_ngram
from seqgen.io.files import held
from seqgen.models.model_file import TrainedModel, load_model, save_model
from seqgen.models.ngram import NGram
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.assemble_model import assemble
from seqgen.runs.callbacks import Listeners
from seqgen.runs.dataset import RunData
from seqgen.runs.resume import is_interrupted, is_up_to_date
from seqgen.runs.run_config import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.run_request import Request
from seqgen.runs.time_budget.costs import Costs
from seqgen.runs.time_budget.pacing import Pacing
from seqgen.runs.time_budget.plan import FILLED, Plan, draw_up, plan_key, planned
from seqgen.runs.train_networks import Clock, Trained, train_networks
from seqgen.runs.training_probe import Probe
from seqgen.training.history import Training, ended_of


def train_run(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    listeners: Listeners,
    events: Path | None = None,
    began: float | None = None,
    clock: Clock = time.monotonic,
    request: Request | None = None,
) -> tuple[TrainedModel, tuple[Training, ...]]:
    """Train a model, score it once on the held-out items, and save it to the run folder.

    A training of the same code, data and settings that was stopped is gone on with. A model
    that stood there before is kept beside the new one.

    Args:
        loaded: The domain.
        data: The items and their split.
        recipe: The settings; where they give minutes, a plan is drawn up for them first and
            kept in the folder, or the one that is kept there is followed.
        folder: The run folder.
        listeners: Told how it goes.
        events: TensorBoard's files are written below that folder; None for none.
        began: When the minutes began, by ``clock``; None for now.
        clock: Seconds from any start.
        request: What was asked for; kept in the folder, to go on with. A process that is refused
            the folder leaves the request of the one at work there.

    Raises:
        KeyboardInterrupt: Ctrl-C came before the first epoch ended.
        SeqgenError: The loss is not a number, the file cannot be written, or another process
            works in the folder.
    """
    began = clock() if began is None else began
    folder.prepare()
    with held(folder.lock, f"the run folder {folder.path}"):
        folder.tidy()
        if request is not None:
            request.save(folder.path)
        # Of the same items whatever the network is, so it may come before or behind it.
        ngram = functools.cache(lambda: _ngram(data))
        plan = _plan(loaded, data, recipe, folder, ngram, lambda: clock() - began, clock)
        if plan is not None:
            recipe = plan.applied(recipe)
            listeners.plan(plan)
        pacing = Pacing(plan, folder.path, recipe) if plan else None
        networks = train_networks(
            loaded,
            data,
            recipe,
            folder,
            listeners.epoch,
            events,
            plan.execution if plan else None,
            pacing.deadline if pacing else None,
            clock,
        )
        listeners.scoring(ended_of(networks.trainings))
        trained = _finish(loaded, data, recipe, folder, networks, ngram)
        if networks.trainings[-1].ended != "interrupted":
            _settle(folder, pacing)
    return trained, networks.trainings


def _finish(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    networks: Trained,
    ngram: Callable[[], NGram],
) -> TrainedModel:
    """Score what was trained, and write it to the run folder."""
    # What comes now reads little of what the training read, and nothing of the batches, which
    # Keras' callbacks hold in a circle.
    gc.collect()
    data.encoded.release()
    trained = assemble(loaded, data, recipe, networks, ngram())
    # What Ctrl-C kept of this training must not push out the model from before it.
    if not is_interrupted(folder.model, recipe.identity(loaded, data.card)):
        folder.keep_previous()
    # The model last: where it stands, the training is done.
    folder.write_history(networks.trainings)
    save_model(folder.model, trained)
    return trained


def _settle(folder: RunFolder, pacing: Pacing | None) -> None:
    """Training is over: the plan changes no more, and the checkpoints have served."""
    if pacing is not None:
        pacing.settle()
    for checkpoint in folder.path.glob(folder.checkpoint("*").name):  # of more networks before
        checkpoint.unlink()


def _ngram(data: RunData) -> NGram:
    train, validation = data.part(data.split.train), data.part(data.split.validation)
    return fit_ngram(train, validation, data.encoder.vocabulary, lengths=train.lengths)


def _plan(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    ngram: Callable[[], NGram],
    spent: Callable[[], float],
    clock: Clock,
) -> Plan | None:
    """The plan of the folder, else a new one, written there; None where no minutes are given."""
    if recipe.training.minutes is None:
        return None
    key = plan_key(recipe, loaded, data.card)
    kept = Plan.kept(folder.path, key)
    if kept is not None:
        return kept
    ngram()  # its time is known then

    filled = FILLED * 60 * recipe.training.minutes

    def costs(tried: Recipe) -> Costs:
        probe = Probe(loaded, data, tried, ngram(), folder.probe, clock)
        return probe.cheapest(lambda: filled - spent())

    plan = draw_up(recipe, key, costs, spent)
    plan.save(folder.path)
    return plan


def one_of_several(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    listeners: Listeners,
) -> TrainedModel:
    """The model of a folder: trained now, or gone on with, unless it is up to date.

    So the larger run goes on where it was stopped, by the same command.

    Raises:
        KeyboardInterrupt: Ctrl-C ended the training. A figure of all parts must not hold one that
            is half trained.
        SeqgenError: Its loss was no number at some time, now or before; or as ``train_run``.
    """
    followed = planned(recipe, loaded, data.card, folder.path)
    if is_up_to_date(folder.model, followed.identity(loaded, data.card)):
        trained = load_model(folder.model, loaded)
    else:
        trained, trainings = train_run(loaded, data, recipe, folder, listeners)
        if trainings[-1].ended == "interrupted":
            raise KeyboardInterrupt(f"in the training of {folder.path}")
    if trained.manifest["training_ended"]["ended"] == "diverged":
        raise SeqgenError(
            f"the loss of the training in {folder.path} became no number, so a figure of all "
            "parts would hold one that is half trained; lower --learning-rate "
            f"(was {recipe.training.learning_rate})"
        )
    return trained

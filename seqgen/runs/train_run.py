"""Training a run: from its data to a model file that knows what it is worth."""

from __future__ import annotations

import functools
import gc
import time
from collections.abc import Callable
from pathlib import Path

from seqgen.domains.registry import LoadedDomain
from seqgen.evaluation.baselines import fit_ngram
from seqgen.files import held
from seqgen.models.model_file import TrainedModel, save_model
from seqgen.models.ngram import NGram
from seqgen.runs.costs import Costs
from seqgen.runs.data import RunData
from seqgen.runs.ended import ended_of
from seqgen.runs.listeners import Listeners
from seqgen.runs.networks import Clock, Trained, train_networks
from seqgen.runs.pacing import Pacing
from seqgen.runs.plan import FILLED, Plan, draw_up, plan_key
from seqgen.runs.probe import Probe
from seqgen.runs.recipe import Recipe
from seqgen.runs.request import Request
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.scores import assemble
from seqgen.runs.up_to_date import is_interrupted
from seqgen.training.history import Training


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

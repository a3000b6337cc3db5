"""Training what was asked for: the model of a run folder, and what is told on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seqgen.cli.asked import AskedTraining, Invocation

if TYPE_CHECKING:
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.recipe import Recipe


def model_of(training: AskedTraining, began: float) -> TrainedModel:
    """The model of the run folder, trained now unless it is up to date; told either way.

    Args:
        training: What was asked for.
        began: When the command began, by ``time.monotonic``; its minutes count from there.

    Raises:
        KeyboardInterrupt, SeqgenError: As ``train_run``.
    """
    from seqgen.cli.show import show_card, show_figures, show_preset
    from seqgen.models.model_file import load_model
    from seqgen.runs.plan import planned
    from seqgen.runs.up_to_date import is_up_to_date

    asked, card = training.asked, training.data.card
    out, loaded, folder = asked.invocation.out, asked.invocation.loaded, asked.invocation.folder
    show_card(out, loaded.domain.name, card)
    show_preset(out, asked.recipe)
    followed = planned(asked.recipe, loaded, card, folder.path)
    if is_up_to_date(folder.model, followed.identity(loaded, card)):
        out.say(
            f"\n{folder.model} is up to date with this data and these settings: not trained again"
        )
        trained = load_model(folder.model, loaded)
    else:
        trained = _train(training, followed, began)
    show_figures(out, trained.manifest["metrics"]["held_out"])
    return trained


def _train(training: AskedTraining, followed: Recipe, began: float) -> TrainedModel:
    """Say why it is trained, train, and say how that went.

    Args:
        training: What was asked for.
        followed: Its recipe with what a plan that stands there has decided.
        began: When the command began.
    """
    from seqgen.cli.progress import TrainingLine
    from seqgen.cli.tell_training import tell_anew, tell_stopped, tell_training
    from seqgen.runs.listeners import Listeners
    from seqgen.runs.stopped import stopped
    from seqgen.runs.train_run import train_run
    from seqgen.runs.up_to_date import what_changed

    asked, data, invocation = training.asked, training.data, training.asked.invocation
    out, loaded, folder = invocation.out, invocation.loaded, invocation.folder
    changed = what_changed(folder.model, followed, loaded, data.card)
    if changed:
        tell_anew(out, folder, changed, training.request.domain)
    tell_stopped(out, stopped(loaded, data.card, followed, folder))
    with TrainingLine(asked.recipe.training.seeds) as line:
        trained, trainings = train_run(
            loaded,
            data,
            asked.recipe,
            folder,
            Listeners(line.show, line.follow, line.score),
            _events(invocation),
            began,
            request=training.request,
        )
    tell_training(out, trained, trainings, folder)
    return trained


def _events(invocation: Invocation) -> Path | None:
    return invocation.folder.events if invocation.flags["tensorboard"] else None


def tell_interrupt(invocation: Invocation) -> None:
    """What Ctrl-C left, and how to use it and to go on."""
    out, folder, name = invocation.out, invocation.folder, invocation.name
    out.say(f"Interrupted: the best model so far is in {folder.model}. Use it with:")
    file = f" --domain {name}" if name.endswith(".py") else ""
    out.say(f"  seqgen generate {folder.model}{file}")
    out.say("Go on with the training by the same command, or with:")
    out.say(f"  seqgen train --resume {folder.path}")

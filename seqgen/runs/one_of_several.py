"""One of several: the model of a run that is part of a larger one, such as a fold."""

from __future__ import annotations

from seqgen.domains.registry import LoadedDomain
from seqgen.errors import SeqgenError
from seqgen.models.model_file import TrainedModel, load_model
from seqgen.runs.data import RunData
from seqgen.runs.listeners import Listeners
from seqgen.runs.plan import planned
from seqgen.runs.recipe import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.train_run import train_run
from seqgen.runs.up_to_date import is_up_to_date


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

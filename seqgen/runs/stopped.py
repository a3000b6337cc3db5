"""Stopped: the checkpoints of a training in its folder, and whether it can be gone on with."""

from __future__ import annotations

from seqgen.domains.registry import LoadedDomain
from seqgen.errors import SeqgenError
from seqgen.runs.data import DataCard
from seqgen.runs.plan import planned
from seqgen.runs.recipe import Recipe
from seqgen.runs.request import Request
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.up_to_date import what_changed
from seqgen.training.checkpoint import Checkpoint


def checkpoint_of(
    loaded: LoadedDomain, card: DataCard, recipe: Recipe, folder: RunFolder, network: int
) -> Checkpoint:
    """The checkpoint of a network, counted from 0: known by all that its training depends on."""
    return Checkpoint(folder.checkpoint(network), f"{recipe.identity(loaded, card)} {network}")


def stopped(loaded: LoadedDomain, card: DataCard, recipe: Recipe, folder: RunFolder) -> bool | None:
    """Whether the training that was stopped in a folder is this one; None where none was.

    Raises:
        ModelFileError: Its checkpoint is damaged.
    """
    return checkpoint_of(loaded, card, recipe, folder, 0).stands()


def check_resumed(
    loaded: LoadedDomain, card: DataCard, recipe: Recipe, folder: RunFolder, request: Request
) -> None:
    """Refuse to go on with a training that is another one now: it, or the model that it gave,
    would be written over.

    Args:
        loaded: The domain of now.
        card: The data of now.
        recipe: What was asked for.
        folder: The run folder.
        request: The request that stands in it.

    Raises:
        SeqgenError: The checkpoint in the folder is of other data, code or settings, or the
            model is and there is no checkpoint.
    """
    recipe = planned(recipe, loaded, card, folder.path)
    same = stopped(loaded, card, recipe, folder)
    if same is False:
        raise SeqgenError(
            f"the training that was stopped in {folder.path} cannot be gone on with: "
            f"{request.data or 'its data'} or {loaded.distribution} has changed since, or its "
            "settings. Bring them back as they were, train anew into another folder with --out, or "
            "give the command without --resume to give that training up"
        )
    changed = "" if same else what_changed(folder.model, recipe, loaded, card)
    if changed:
        raise SeqgenError(
            f"no checkpoint stands in {folder.path}, and this training would put another model in "
            f"the place of the one there ({changed}). Bring back what has changed, or give the "
            f"command without --resume to train anew; that keeps the model as "
            f"{folder.previous.name}"
        )

"""Stopped: the checkpoints of a training in its folder, and whether it can be gone on with."""

from __future__ import annotations

from seqgen.domains.registry import LoadedDomain
from seqgen.errors import SeqgenError
from seqgen.runs.data import DataCard
from seqgen.runs.plan import planned
from seqgen.runs.recipe import Recipe
from seqgen.runs.request import Request
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.up_to_date import is_interrupted, what_changed
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
    """Refuse to go on with a training whose data or code is no longer what it began with.

    Raises:
        SeqgenError: It is not, so going on would train another model and lose what is there.
    """
    recipe, changed = planned(recipe, loaded, card, folder.path), ""
    if stopped(loaded, card, recipe, folder) is False:
        changed = f"{request.data or 'its data'} or {loaded.distribution} has changed since"
    elif not is_interrupted(folder.model, recipe.identity(loaded, card)):
        changed = what_changed(folder.model, recipe, loaded, card)
    if changed:
        raise SeqgenError(
            f"the training in {folder.path} cannot be gone on with ({changed}): that would be "
            "another one. Bring data and code back as they were, or train anew into another "
            "folder with --out"
        )

"""Stopped: the checkpoints of a training in its folder, and whether it can be gone on with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqgen.errors import ModelFileError, SeqgenError
from seqgen.models.model_file import read_manifest
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import DataCard
from seqgen.runs.run_config import Recipe, checkpoint_of
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.run_request import Request
from seqgen.runs.time_budget.plan import decided, planned
from seqgen.settings import settings_to

#: So many changed settings are named, the others counted.
NAMED = 4


def is_up_to_date(path: Path, identity: str) -> bool:
    """Whether the model file comes from the same code, data and settings, trained to its end."""
    manifest = _manifest(path)
    return manifest.get("identity") == identity and not _interrupted(manifest)


def is_interrupted(path: Path, identity: str) -> bool:
    """Whether the model file is what Ctrl-C kept of this very training, as far as it was."""
    manifest = _manifest(path)
    return manifest.get("identity") == identity and _interrupted(manifest)


def _manifest(path: Path) -> Mapping[str, Any]:
    """What the model file says; empty where there is none that can be read."""
    if not path.exists():
        return {}
    try:
        return read_manifest(path)
    except ModelFileError:
        return {}  # damaged or of another format: to be made anew


def _interrupted(manifest: Mapping[str, Any]) -> bool:
    return bool(manifest.get("training_ended", {}).get("ended") == "interrupted")


def what_changed(path: Path, recipe: Recipe, loaded: LoadedDomain, card: DataCard) -> str:
    """In words, what makes the model file another one than a training would give now.

    Args:
        path: The model file.
        recipe: The settings of now.
        loaded: The domain of now.
        card: The data of now.

    Returns:
        Empty where there is no model, or its training was interrupted and nothing else is new.
    """
    if not path.exists():
        return ""
    try:
        manifest = read_manifest(path)
    except ModelFileError as error:
        return str(error)
    if manifest.get("identity") == recipe.identity(loaded, card):
        return ""
    found = [*_code(manifest, loaded), *_data(manifest, card), *_settings(manifest, recipe)]
    if found:
        return "; ".join(found)
    if recipe.training.minutes is None:
        return "another seqgen made it"
    return "it was planned for other wishes, or its plan is gone"


def _code(manifest: Mapping[str, Any], loaded: LoadedDomain) -> Iterator[str]:
    then = manifest.get("domain", {})
    was, is_now = then.get("distribution"), loaded.distribution
    if was != is_now:
        yield f"it is of {was}, and this is {is_now}"
    elif then.get("version") != loaded.version:
        is_file = is_now.endswith(".py")
        yield (
            f"{is_now} has changed"
            if is_file
            else (f"{is_now} was {then.get('version')}, is {loaded.version}")
        )


def _data(manifest: Mapping[str, Any], card: DataCard) -> Iterator[str]:
    then = manifest.get("data_card", {})
    if then.get("digest") != card.digest:
        yield "the data has changed"
    elif then.get("split") != card.split:
        yield "the split has changed"


def _settings(manifest: Mapping[str, Any], recipe: Recipe) -> Iterator[str]:
    now = {**settings_to(recipe.training), **settings_to(recipe.model)}
    then = {**manifest.get("training", {}), **manifest.get("model", {})}
    if recipe.training.minutes is not None:
        # Presets and the plan are not what was asked for.
        compared = set(recipe.asked) - decided(recipe)
        now = {name: now[name] for name in now if name in compared}
    if then.get("minutes") is not None:
        # What a plan decided was asked for by nobody.
        for name in {"epochs", "patience", *({"seeds", "ema"} - set(recipe.asked))}:
            then.pop(name, None)
    new = [name for name in now if name in then and then[name] != now[name]]
    for name in new[:NAMED]:
        yield f"{name} was {then[name]}, is {now[name]}"
    if (more := len(new) - NAMED) > 0:
        yield f"{more} other setting{'s have' if more > 1 else ' has'} changed"


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

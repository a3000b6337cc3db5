"""The state of a run folder: whether its model is up to date, and whether a training can resume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqgen.errors import ModelFileError, SeqgenError
from seqgen.io.run_folder import RunRecord
from seqgen.models.model_file import read_manifest
from seqgen.runs.run_config import Run
from seqgen.runs.time_budget import apply_saved_plan, planned_settings
from seqgen.settings import settings_to

#: At most this many changed settings are named.
NAMED = 4


def saved_manifest(path: Path) -> Mapping[str, Any]:
    """The manifest of a model file; empty if there is none that can be read."""
    if not path.exists():
        return {}
    try:
        return read_manifest(path)
    except ModelFileError:
        return {}  # damaged or of another format: it is replaced


def is_up_to_date(manifest: Mapping[str, Any], run: Run) -> bool:
    """Whether a model is from the same code, data and settings, and its training was complete."""
    return manifest.get("identity") == run.identity() and not _interrupted(manifest)


def is_interrupted(manifest: Mapping[str, Any], run: Run) -> bool:
    """Whether a model is what Ctrl-C left of this same training."""
    return manifest.get("identity") == run.identity() and _interrupted(manifest)


def _interrupted(manifest: Mapping[str, Any]) -> bool:
    return bool(manifest.get("training_ended", {}).get("ended") == "interrupted")


def describe_changes(run: Run) -> str:
    """Why the model in the folder is out of date, in words.

    Returns:
        Empty if there is no model, or only its training was interrupted.
    """
    if not run.folder.model.exists():
        return ""
    try:
        manifest = read_manifest(run.folder.model)
    except ModelFileError as error:
        return str(error)
    if manifest.get("identity") == run.identity():
        return ""
    changes = [*_code(manifest, run), *_data(manifest, run), *_settings(manifest, run)]
    if changes:
        return "; ".join(changes)
    if run.config.training.minutes is None:
        return "another version of seqgen made it"
    return "it was planned for other settings, or its plan is missing"


def _code(manifest: Mapping[str, Any], run: Run) -> Iterator[str]:
    then, now = manifest.get("domain", {}), run.loaded
    if then.get("distribution") != now.distribution:
        yield f"it is of {then.get('distribution')}, and this is {now.distribution}"
    elif then.get("version") != now.version:
        yield (
            f"{now.distribution} has changed"
            if now.distribution.endswith(".py")
            else f"{now.distribution} was {then.get('version')}, is {now.version}"
        )


def _data(manifest: Mapping[str, Any], run: Run) -> Iterator[str]:
    then, card = manifest.get("data_card", {}), run.data.card
    if then.get("digest") != card.digest:
        yield "the data has changed"
    elif then.get("split") != card.split:
        yield "the split has changed"


def _settings(manifest: Mapping[str, Any], run: Run) -> Iterator[str]:
    config = run.config
    now = {**settings_to(config.training), **settings_to(config.model)}
    then = {**manifest.get("training", {}), **manifest.get("model", {})}
    if config.training.minutes is not None:
        # Presets and the plan are no settings of the user.
        compared = set(config.overrides) - planned_settings(config)
        now = {name: now[name] for name in now if name in compared}
    if then.get("minutes") is not None:
        for name in {"epochs", "patience", *({"seeds", "ema"} - set(config.overrides))}:
            then.pop(name, None)
    new = [name for name in now if name in then and then[name] != now[name]]
    for name in new[:NAMED]:
        yield f"{name} was {then[name]}, is {now[name]}"
    if (more := len(new) - NAMED) > 0:
        yield f"{more} other setting{'s have' if more > 1 else ' has'} changed"


def has_stopped_training(run: Run) -> bool | None:
    """Whether the stopped training in the folder is this one; None if there is none.

    Raises:
        ModelFileError: Its checkpoint is damaged.
    """
    return run.checkpoint(0).matches()


def check_resumable(run: Run, record: RunRecord) -> None:
    """Refuse to resume a training that has changed: its checkpoint or model would be replaced.

    Args:
        run: The run as it is now.
        record: The record in its folder.

    Raises:
        SeqgenError: The checkpoint in the folder is of other data, code or settings, or the
            model is and there is no checkpoint.
    """
    folder = run.folder
    run = apply_saved_plan(run)
    same = has_stopped_training(run)
    if same is False:
        raise SeqgenError(
            f"cannot resume the training in {folder.path}: {record.data or 'its data'} or "
            f"{run.loaded.distribution} has changed since, or its settings. Restore them, retrain "
            "into another folder with --out, or repeat the command without --resume to discard "
            "that training"
        )
    changes = "" if same else describe_changes(run)
    if changes:
        raise SeqgenError(
            f"no checkpoint in {folder.path}, and this training would replace the model there "
            f"({changes}). Restore what has changed, or repeat the command without --resume to "
            f"retrain; that keeps the model as {folder.previous.name}"
        )

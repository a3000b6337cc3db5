"""Train a run: load a model that is up to date, or resume or start its training."""

from __future__ import annotations

import functools
import gc
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

from seqgen.domains.encoder import hash_items
from seqgen.errors import ModelFileError, SeqgenError
from seqgen.evaluation.baselines import fit_ngram
from seqgen.evaluation.ngram_mixture_weight import choose_weight
from seqgen.io.atomic_files import held
from seqgen.io.run_folder import RunRecord
from seqgen.models.cells.builtin_cells import cell_origin
from seqgen.models.model_file import TrainedModel, load_model, read_manifest, save_model
from seqgen.models.ngram import NGram, counts_to_arrays
from seqgen.models.stored_training_items import items_to_arrays
from seqgen.runs.dataset import RunData
from seqgen.runs.minutes_plan import (
    Plan,
    PlannedTraining,
    apply_saved_plan,
    plan_key,
    planned_settings,
)
from seqgen.runs.run_config import Run
from seqgen.runs.score_model import score_held_out
from seqgen.runs.train_networks import Clock, TrainedNetworks, train_networks
from seqgen.settings import settings_to
from seqgen.training.backend import choose_backend
from seqgen.training.history import EpochReport, Training
from seqgen.training.stop_conditions import StopReason

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
    if manifest.get("objects", {}) != run.objects.describe():
        changes.append("the optimizer, learning-rate schedule or callbacks have changed")
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
    cell, origin = manifest.get("cell"), cell_origin(run.config.model.cell)
    if cell and origin and cell != origin and cell["name"] == origin["name"]:
        old, new = (f"{part['distribution']} {part['version']}" for part in (cell, origin))
        yield f"its cell is of {old}, and this is {new}"


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
    run = _apply_plan(run)
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


@final
@dataclass(frozen=True, slots=True)
class TrainingCallbacks:
    """Functions that are called during a training.

    Args:
        reuse: The model in the folder is up to date and is not trained again.
        start: Training starts: why the model in the folder is out of date (empty without one),
            and whether a stopped training is resumed (None if there is none).
        plan: The plan of ``--minutes`` is known.
        epoch: An epoch has ended, of a network counted from 1.
        scoring: Training has ended, for this reason (see ``Training``), and the model is scored.
    """

    reuse: Callable[[], None] = lambda: None
    start: Callable[[str, bool | None], None] = lambda changes, resumed: None
    plan: Callable[[Plan], None] = lambda plan: None
    epoch: Callable[[EpochReport, int], None] = lambda report, network: None
    scoring: Callable[[StopReason], None] = lambda ended: None


def train_or_load(
    run: Run,
    callbacks: TrainingCallbacks,
    *,
    record: RunRecord | None = None,
    events: Path | None = None,
    began: float | None = None,
) -> tuple[TrainedModel, tuple[Training, ...]]:
    """The model of a run: loaded if it is up to date, else trained; without a training then.

    Args:
        run: The run.
        callbacks: Called during the training.
        record: See ``train_run``.
        events: See ``train_run``.
        began: See ``train_run``.

    Raises:
        KeyboardInterrupt, SeqgenError: As ``train_run``.
    """
    planned, path = _apply_plan(run), run.folder.model
    manifest = saved_manifest(path)
    if is_up_to_date(manifest, planned):
        callbacks.reuse()
        return load_model(path, run.loaded, manifest), ()
    choose_backend()  # without one nothing is written
    callbacks.start(describe_changes(planned), has_stopped_training(planned))
    return train_run(run, callbacks, record=record, events=events, began=began)


def _apply_plan(run: Run) -> Run:
    return run if run.config.training.minutes is None else apply_saved_plan(run)


def train_part(run: Run, callbacks: TrainingCallbacks) -> TrainedModel:
    """The model of one of several runs whose scores are combined, such as a fold.

    Raises:
        KeyboardInterrupt: Ctrl-C ended the training: the combination must not include a model
            that is not trained to its end.
        SeqgenError: The loss became NaN, now or in the training before; or as ``train_run``.
    """
    trained, trainings = train_or_load(run, callbacks)
    if trainings and trainings[-1].ended is StopReason.INTERRUPTED:
        raise KeyboardInterrupt(f"in the training of {run.folder.path}")
    if trained.manifest["training_ended"]["ended"] == StopReason.DIVERGED:
        raise SeqgenError(
            f"the loss of the training in {run.folder.path} became NaN, so its scores are those of "
            f"an unfinished model; lower --learning-rate (was "
            f"{run.config.training.learning_rate})"
        )
    return trained


def train_run(
    run: Run,
    callbacks: TrainingCallbacks,
    *,
    record: RunRecord | None = None,
    events: Path | None = None,
    began: float | None = None,
    clock: Clock = time.monotonic,
) -> tuple[TrainedModel, tuple[Training, ...]]:
    """Train a model, score it once on the held-out items, and save it to the run folder.

    A stopped training of the same code, data and settings is resumed. An earlier model in the
    folder is kept as ``model.previous``.

    Args:
        run: The run. If its configuration has minutes, a plan is made first and saved in the
            folder, or the saved one is followed.
        callbacks: Called during the training.
        record: Saved in the folder, to resume the training. A process that does not get the lock
            leaves the record of the one that holds it.
        events: The folder of TensorBoard's files; None for none.
        began: When the minutes began, by ``clock``; None for now.
        clock: Seconds from any start.

    Raises:
        KeyboardInterrupt: Ctrl-C came before the first epoch ended.
        SeqgenError: The loss is NaN, the file cannot be written, or another process works in the
            folder.
    """
    began, folder = clock() if began is None else began, run.folder
    folder.prepare()
    with held(folder.lock, f"the run folder {folder.path}"):
        folder.remove_temporary_files()
        if record is not None:
            record.save(folder)
        ngram = functools.cache(lambda: _fit_ngram(run.data))
        plan = _load_or_make_plan(run, ngram, lambda: clock() - began, clock)
        planned: PlannedTraining | None = None
        if plan is not None:
            run, planned = plan.applied(run), PlannedTraining(plan, run)
            callbacks.plan(plan)
        networks = train_networks(
            run,
            callbacks.epoch,
            events,
            plan.execution if plan else None,
            planned.deadline if planned else None,
            clock,
        )
        callbacks.scoring(networks.stop_reason)
        trained = _score_and_save(run, networks, ngram)
        if networks.trainings[-1].ended is not StopReason.INTERRUPTED:
            if planned is not None:
                planned.settle()
            for checkpoint in folder.path.glob(folder.checkpoint("*").name):
                checkpoint.unlink()  # those of a configuration with more networks too
    return trained, networks.trainings


def _score_and_save(
    run: Run, networks: TrainedNetworks, ngram: Callable[[], NGram]
) -> TrainedModel:
    """Score what was trained, and save it to the run folder."""
    # Scoring reads little of what training read, and none of the batches, which are part of a
    # reference cycle of Keras' callbacks.
    gc.collect()
    run.data.encoded.release()
    trained = assemble_model(run, networks, ngram())
    # What Ctrl-C left of this training must not replace the model from before it.
    if not is_interrupted(saved_manifest(run.folder.model), run):
        run.folder.keep_previous_model()
    # The model last: once it is there, the training is complete.
    run.folder.write_history(_history_rows(networks.trainings))
    save_model(run.folder.model, trained)
    return trained


def assemble_model(run: Run, networks: TrainedNetworks, ngram: NGram) -> TrainedModel:
    """The model of the networks and the n-gram, with its scores on the held-out items."""
    data, vocabulary = run.data, run.data.encoder.vocabulary
    sequences = data.part(data.split.train).tokens
    manifest = {**_describe_training(run, networks.trainings), "equivalence": networks.equivalence}
    trained = TrainedModel(
        networks.networks,
        data.encoder,
        manifest,
        hash_items(sequences),
        counts_to_arrays(ngram.counts, ngram.order),
        items_to_arrays(sequences, vocabulary.size),
    )
    validation, mixture = data.part(data.split.validation), run.config.training.mixture
    weight = choose_weight(trained.model, ngram, validation, vocabulary, mixture)
    trained = replace(trained, ngram_weight=weight)
    return replace(trained, manifest={**manifest, "metrics": score_held_out(trained, ngram, data)})


def _describe_training(run: Run, trainings: tuple[Training, ...]) -> dict[str, Any]:
    """The code, the data, the settings and the course of a training.

    No times, so that the same seed gives the same bytes; they are in ``history.csv``.
    """
    loaded, config, best, objects = (
        run.loaded,
        run.config,
        trainings[0].best,
        run.objects.describe(),
    )
    assert best is not None, "a network without a finished epoch is discarded"
    return {
        "domain": {
            "name": loaded.domain.name,
            "distribution": loaded.distribution,
            "version": loaded.version,
        },
        "identity": run.identity(),
        "preset": config.preset.to_json() if config.preset else None,
        "training": settings_to(config.training),
        **({"objects": objects} if objects else {}),
        "generation": settings_to(config.sampling),
        "data_card": run.data.card.to_json(),
        "training_ended": {
            "ended": StopReason.combine([training.ended for training in trainings]),
            "epochs": sum(len(training.history) for training in trainings),
            "best_epoch": best.epoch,
            "execution": trainings[0].execution,
        },
    }


def _history_rows(trainings: tuple[Training, ...]) -> list[list[str | int]]:
    return [
        [
            network,
            report.epoch,
            f"{report.train_nats:.6f}",
            f"{report.validation_nats:.6f}",
            f"{report.seconds:.2f}",
        ]
        for network, training in enumerate(trainings, start=1)
        for report in training.history
    ]


def _fit_ngram(data: RunData) -> NGram:
    train, validation = data.part(data.split.train), data.part(data.split.validation)
    return fit_ngram(train, validation, data.encoder.vocabulary, lengths=train.lengths)


def _load_or_make_plan(
    run: Run, ngram: Callable[[], NGram], spent: Callable[[], float], clock: Clock
) -> Plan | None:
    """The plan in the folder, else a new one that is saved there; None without minutes."""
    if run.config.training.minutes is None:
        return None
    folder = run.folder.path
    plan = Plan.load(folder, plan_key(run))
    if plan is None:
        from seqgen.runs.choose_minutes_plan import make_plan

        plan = make_plan(run, ngram(), spent, clock)
        plan.save(folder)
    return plan

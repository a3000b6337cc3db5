"""seqgen train: train a model, resume a training, or cross-validate."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli import options
from seqgen.cli.console_output import (
    Output,
    describe_model,
    print_data_card,
    print_likelihood,
    print_preset,
)
from seqgen.cli.main import INTERRUPTED
from seqgen.cli.options import TargetCommand
from seqgen.io.run_folder import RunFolder, RunRecord
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.registry.installed_plugins import LoadedDomain, load_domain
from seqgen.runs.presets import SETTINGS
from seqgen.training.stop_conditions import StopReason
from seqgen.training.train_config import TrainConfig

if TYPE_CHECKING:
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.run_config import Run
    from seqgen.training.history import Training

#: Options that can be combined with --resume.
WITH_RESUME = ("as_json", "tensorboard")


@click.command("train", cls=TargetCommand, resolve=options.named_domain)
@click.argument("domain", required=False)
@options.DATA
@options.RUN_FOLDER
@options.option(
    "--resume",
    "Resume the training in a run folder, with its data and settings.",
    options.PATH,
    "Training",
)
@options.option(
    "--folds",
    "Cross-validate with K folds, 2 to 100.",
    click.IntRange(2, 100),
    "Training",
    metavar="K",
)
@options.PRESET
@options.TENSORBOARD
@options.JSON
@options.settings({"Model": ModelConfig, "Training": TrainConfig}, SETTINGS)
def command(
    domain: LoadedDomain | None, resume: Path | None, folds: int | None, **flags: Any
) -> int:
    """Train a model of a DOMAIN; the same as seqgen run, without samples.

    A training that was stopped is resumed by the same command or by --resume.
    """
    from seqgen.runs.run_config import Run, RunConfig

    began, out = time.monotonic(), Output(flags["as_json"])
    if flags["tensorboard"]:
        from seqgen.training.history import check_tensorboard

        check_tensorboard()
    if resume is not None:
        return _resume(out, RunFolder(resume), domain, {**flags, "folds": folds}, began)
    if domain is None:
        raise click.UsageError("name a DOMAIN, or a run folder with --resume")
    folder = RunFolder.choose(domain.domain.name, flags["data"], flags["out"])
    if folds is not None:
        _check_folds(flags)
    config = RunConfig.build(domain.domain, flags)
    run = Run.prepare(domain, config, flags["data"], folder)
    return _train(out, run, flags, began) if folds is None else _cross_validate(out, run, folds)


def _train(out: Output, run: Run, flags: Mapping[str, Any], began: float) -> int:
    trained = train_model(out, run, flags, began)
    result = describe_model(run.folder.model, trained, run.data.card.to_json())
    interrupted = result["training"]["ended"] == StopReason.INTERRUPTED
    if interrupted:
        report_interrupt(out, run)
    out.json(result)
    return INTERRUPTED if interrupted else 0


def _resume(
    out: Output,
    folder: RunFolder,
    domain: LoadedDomain | None,
    flags: Mapping[str, Any],
    began: float,
) -> int:
    from seqgen.runs.run_config import Run, RunConfig
    from seqgen.runs.train import check_resumable

    surplus = [name for name, value in flags.items() if value is not None]
    surplus = [name for name in surplus if name not in WITH_RESUME]
    record = RunRecord.load(folder)
    redundant = domain is not None and not record.domain.endswith(".py")
    if redundant or surplus:
        what = domain.source if domain and redundant else "--" + surplus[0].replace("_", "-")
        raise click.UsageError(f"--resume uses the settings of the run folder; omit {what}")
    record.check_data(folder.path)
    if domain is None or domain.file is None:
        domain = load_domain(record.domain_to_load(None))
    config = RunConfig.build(domain.domain, record.settings)
    run = Run.prepare(domain, config, record.data, folder)
    check_resumable(run, record)
    return _train(out, run, {**flags, "data": record.data}, began)


def _check_folds(flags: Mapping[str, Any]) -> None:
    """Refuse options that are useless with --folds."""
    if flags["tensorboard"]:
        raise click.UsageError("--tensorboard shows one training; omit it or --folds")
    if flags["held_out"] is not None:
        raise click.UsageError(
            "--folds holds out every item once, one fold at a time; omit it or --held-out"
        )


def _cross_validate(out: Output, run: Run, folds: int) -> int:
    """Train and score fold by fold, and print the scores of all."""
    from seqgen.evaluation.describe_scores import describe_difference
    from seqgen.runs.cross_validation import cross_validate, pool_folds
    from seqgen.runs.progress import TrainingProgress
    from seqgen.runs.train import TrainingCallbacks

    print_data_card(out, run.loaded.domain.name, run.data.card.without_split())
    out.print(f"  folds       {folds}; every item is held out in one of them")
    print_preset(out, run.config)
    done = []
    try:
        with TrainingProgress(run.config.training.seeds, folds) as progress:
            callbacks = TrainingCallbacks(
                plan=progress.show_plan, epoch=progress.show_epoch, scoring=progress.show_scoring
            )
            for fold in cross_validate(run, folds, callbacks):
                done.append(fold)
                progress.finish_fold()
    except KeyboardInterrupt:
        out.print(f"\n{len(done)} of {folds} folds are complete; the same command continues.")
        raise
    model, ngram = (
        pool_folds([getattr(fold, name) for fold in done]) for name in ("model", "ngram")
    )
    rows = [
        (
            str(number),
            f"{fold.ngram.per_token:.3f}",
            f"{sum(part.per_token for part in fold.networks) / len(fold.networks):.3f}",
            f"{fold.model.per_token:.3f}",
        )
        for number, fold in enumerate(done, start=1)
    ]
    rows.append(("all", f"{ngram.per_token:.3f}", "", f"{model.per_token:.3f}"))
    network = "mean of the networks" if len(done[0].networks) > 1 else "network alone"
    out.table(["fold", "n-gram", network, "the model"], rows)
    difference = model.minus(ngram).to_json()
    out.print(describe_difference(difference) + "\n")
    out.print(f"The models of the folds are in {run.folder.path}.")
    out.json(
        {
            "folds": folds,
            "items": len(model.nats),
            **model.to_json(),
            "ngram": ngram.per_token,
            "minus_ngram": difference,
        }
    )
    return 0


def train_model(out: Output, run: Run, flags: Mapping[str, Any], began: float) -> TrainedModel:
    """The model of the run folder, trained unless it is up to date, with messages on stdout.

    Args:
        out: Where messages go.
        run: The run.
        flags: The options of the command: ``data`` and ``tensorboard``.
        began: When the command began, by ``time.monotonic``; its minutes count from then.

    Raises:
        KeyboardInterrupt, SeqgenError: As ``train_run``.
    """
    from seqgen.runs.dataset import describe_coverage
    from seqgen.runs.progress import TrainingProgress
    from seqgen.runs.train import TrainingCallbacks, train_or_load

    folder, card = run.folder, run.data.card
    if flags["data"] is not None and (note := describe_coverage(run.loaded.domain, run.data)):
        out.notice(note)
    print_data_card(out, run.loaded.domain.name, card)
    print_preset(out, run.config)
    progress = TrainingProgress(run.config.training.seeds)
    with ExitStack() as stack:

        def start(changes: str, resumed: bool | None) -> None:
            _report_start(out, run, changes, resumed)
            stack.enter_context(progress)

        callbacks = TrainingCallbacks(
            lambda: out.print(f"\n{folder.model} is up to date with this data and these settings"),
            start,
            progress.show_plan,
            progress.show_epoch,
            progress.show_scoring,
        )
        trained, trainings = train_or_load(
            run,
            callbacks,
            record=run.record(flags["data"]),
            events=folder.events if flags["tensorboard"] else None,
            began=began,
        )
    if trainings:
        _report_training(out, trained, trainings, folder.model)
    print_likelihood(out, trained.manifest["metrics"]["held_out"])
    return trained


def _report_start(out: Output, run: Run, changes: str, resumed: bool | None) -> None:
    """Print why a model is retrained, and whether a stopped training is resumed."""
    folder, file = run.folder, run.loaded.file
    if changes:
        out.print(
            f"\n{folder.model} is out of date ({changes}): retraining; the previous model is kept "
            f"as {folder.previous.name}"
        )
        if file is not None:
            here = file.resolve().parent == Path.cwd()
            out.print(
                "to try a change of guide, options or output without training: seqgen generate "
                f"{folder.model} --domain {f'./{file.name}' if here else file}"
            )
    if resumed:
        out.print("\nresuming the training that was stopped here")
    elif resumed is False:
        out.print(
            "\na training of other data, code or settings was stopped here: it is discarded, and "
            "training starts from the beginning"
        )


def _report_training(
    out: Output, trained: TrainedModel, trainings: Sequence[Training], path: Path
) -> None:
    from seqgen.training.history import describe_training

    seconds = sum(training.history[-1].seconds for training in trainings)
    summary = describe_training(
        trained.manifest["training_ended"], len(trainings), time=f" in {seconds:.0f} s"
    )
    out.print(f"\ntrained {summary}, {trained.parameters:,} parameters: {path}")


def report_interrupt(out: Output, run: Run) -> None:
    """Print what Ctrl-C left, and the commands to use it and to resume the training."""
    file = f" --domain {run.loaded.file}" if run.loaded.file else ""
    out.print(f"Interrupted: the best model so far is in {run.folder.model}. Use it with:")
    out.print(f"  seqgen generate {run.folder.model}{file}")
    out.print("Resume the training with the same command, or with:")
    out.print(f"  seqgen train --resume {run.folder.path}")

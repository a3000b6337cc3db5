"""What ``run`` and ``train`` share: training a run, and messages about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqgen.cli.output import Output, print_data_card, print_likelihood, print_preset

if TYPE_CHECKING:
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.run_config import Run
    from seqgen.training.history import Training


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
    from seqgen.cli.progress import TrainingProgress
    from seqgen.runs.dataset import describe_coverage
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


def describe_model(path: Path, trained: TrainedModel, card: Mapping[str, Any]) -> dict[str, Any]:
    """The output of ``--json`` for a model with a data card."""
    manifest = trained.manifest
    return {
        "domain": manifest["domain"]["name"],
        "model": str(path),
        "data_card": card,
        "training": manifest["training_ended"],
        "metrics": manifest["metrics"],
    }

"""seqgen evaluate: the nats per token of a model and of baselines on data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output, print_likelihood, skipped_lines
from seqgen.cli.options import TargetCommand
from seqgen.inference.open_model import resolve_target
from seqgen.settings import flag_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seqgen.inference.open_model import Target


@click.command("evaluate", cls=TargetCommand, resolve=resolve_target)
@options.MODEL
@options.DATA
@options.option(
    "--learning-curve",
    "Train on 1/8, 1/4 and 1/2 of the run's training items, to see what more data would gain.",
    group="Data",
    is_flag=True,
)
@options.DOMAIN_FILE
@options.JSON
def command(
    model: Target,
    data: Path | None,
    learning_curve: bool,
    as_json: bool,
    **flags: Any,
) -> None:
    """Compare a MODEL with baselines on data, in nats per token including the end token.

    MODEL is a model file, a run folder or the name of a domain. Needs --data, or
    --learning-curve, which reads the data of the run.
    """
    if (data is None) != learning_curve:
        raise click.UsageError(
            "give --data or --learning-curve; for the model's own held-out items use: seqgen "
            "inspect MODEL"
        )
    surplus = [flag_name(name) for name, value in flags.items() if value is not None]
    if learning_curve and surplus:
        raise click.UsageError(f"--learning-curve reads the data as the run did; omit {surplus[0]}")
    out = Output(as_json)
    if data is None:
        _print_learning_curve(out, model)
    else:
        _print_likelihood(out, model, data, flags)


def _print_learning_curve(out: Output, model: Target) -> None:
    """Train on parts of the run's training items, and print the scores of the held-out ones."""
    from seqgen.evaluation.describe_scores import format_interval
    from seqgen.runs.learning_curve import measure_learning_curve
    from seqgen.runs.open_run import OpenRun
    from seqgen.runs.progress import TrainingProgress
    from seqgen.runs.train import TrainingCallbacks

    run = OpenRun.of_target(model)
    with TrainingProgress(run.trained.manifest["training"]["seeds"]) as progress:
        curve = measure_learning_curve(
            run,
            TrainingCallbacks(epoch=progress.show_epoch, scoring=progress.show_scoring),
            lambda part, items: progress.print(f"1/{part} of the items: {items:,}"),
        )
    rows = [
        (f"{items:,}", f"{score.value:.3f}", format_interval(score.low, score.high))
        for items, score in zip(curve.items, curve.nats, strict=True)
    ]
    out.table(["training items", "nats per token", "95 % interval"], rows)
    out.print(curve.words)
    out.json(curve.to_json())


def _print_likelihood(out: Output, model: Target, data: Path, flags: Mapping[str, Any]) -> None:
    from seqgen.domains.domain import load_corpus
    from seqgen.runs.score_model import score_corpus

    domain = model.loaded.domain
    corpus = load_corpus(domain, data, options.select(domain.data_options, flags))
    result = score_corpus(model.open().trained, corpus)
    for line in skipped_lines(result["skipped"]):
        out.notice(f"skipped: {line}")
    known = result["in_training_data"]
    if not out.as_json:
        # No difference is claimed on items that both models memorised.
        print_likelihood(out, {**result, "minus_ngram": None} if known else result, "items")
    if known:
        out.print(f"{known} of {result['items']} items occur in the training data of this model")
    if "unseen" in result and not out.as_json:
        print_likelihood(out, result["unseen"], "unseen items")
    out.json(result)

"""seqgen evaluate: what a model file makes of data, beside baselines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from seqgen.cli.console import Output
from seqgen.cli.dynamic_command import TargetCommand
from seqgen.cli.options import (
    DOMAIN_FLAG,
    JSON_FLAG,
    MODEL_ARGUMENT,
    data_flags_of_model,
    data_options,
)
from seqgen.errors import SeqgenError
from seqgen.inference.model import load_parts
from seqgen.settings import flag_name

DATA_OPTION = click.option(
    "--data", type=click.Path(path_type=Path), help="A file or folder of items."
)


@click.command("evaluate", cls=TargetCommand, extend=data_flags_of_model)
@MODEL_ARGUMENT
@DATA_OPTION
@click.option(
    "--learning-curve",
    is_flag=True,
    help="Train on 1/8, 1/4 and 1/2 of the run's training items: what would more data gain?",
)
@DOMAIN_FLAG
@JSON_FLAG
def command(
    model: Path,
    data: Path | None,
    learning_curve: bool,
    domain_file: str | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Nats per token of a MODEL file on data, the end token counted, beside baselines.

    With --learning-curve instead of --data the data is that of the model's run folder.
    """
    if (data is None) != learning_curve:
        raise click.UsageError(
            "give either --data or --learning-curve; seqgen inspect MODEL shows the figures of "
            "the model's own held-out items"
        )
    given = [name for name, value in flags.items() if value is not None]
    if learning_curve and given:
        raise click.UsageError(
            "--learning-curve reads the data of the model's run folder as its training did; "
            f"leave out {flag_name(given[0])}"
        )
    out = Output(as_json)
    if data is None:
        _show_curve(out, model, domain_file)
    else:
        _show_likelihood(out, model, data, domain_file, flags)


def _show_curve(out: Output, model: Path, domain_file: str | None) -> None:
    """Train on parts of the run's training items and show what that makes of the held-out ones.

    Raises:
        SeqgenError: The model is not that of the run folder it stands in.
    """
    from seqgen.cli.progress import TrainingLine
    from seqgen.evaluation.summary import interval_in_words
    from seqgen.runs.callbacks import Listeners
    from seqgen.runs.learning_curve import curve_of
    from seqgen.runs.open_run import OpenRun

    run = OpenRun.at(model.parent, domain_file)
    if model.resolve() != run.folder.model.resolve():
        raise SeqgenError(
            f"the learning curve is that of a run folder's own model, {run.folder.model}, was "
            f"{model}; give that one"
        )
    config = run.trained.manifest["training"]
    with TrainingLine(config["seeds"]) as line:
        curve = curve_of(
            run,
            Listeners(line.show, scoring=line.score),
            lambda part, items: line.tell(f"1/{part} of the items: {items:,}"),
        )
    rows = [
        (f"{items:,}", f"{one.value:.3f}", interval_in_words(one.low, one.high))
        for items, one in zip(curve.items, curve.nats, strict=True)
    ]
    out.table(["training items", "nats per token", "95 % interval"], rows)
    out.say(curve.words)
    out.json(curve.to_json())


def _show_likelihood(
    out: Output, model: Path, data: Path, domain_file: str | None, flags: Mapping[str, Any]
) -> None:
    from seqgen.cli.display import left_out_lines, show_figures
    from seqgen.runs.dataset import load_corpus
    from seqgen.runs.score_dataset import score_corpus

    loaded, trained = load_parts(model, domain_file)
    result = score_corpus(trained, load_corpus(loaded.domain, data, data_options(loaded, flags)))
    for line in left_out_lines(result["left_out"]):
        out.warn(f"left out: {line}")
    seen = result["in_training_data"]
    if not out.as_json:
        # Of items that both learned by heart nothing is claimed.
        claimed = result if not seen else {**result, "minus_ngram": None}
        show_figures(out, claimed, "items")
    if seen:
        out.say(f"{seen} of {result['items']} items stand in the training data of this model")
    if "unseen" in result and not out.as_json:
        show_figures(out, result["unseen"], "unseen items")
    out.json(result)

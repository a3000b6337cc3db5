"""seqgen evaluate: what a model file makes of data, beside baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from seqgen.cli.domain_flags import (
    DOMAIN_FLAG,
    JSON_FLAG,
    MODEL_ARGUMENT,
    data_flags_of_model,
    data_options,
    open_model,
)
from seqgen.cli.output import Output
from seqgen.cli.target import TargetCommand

DATA_OPTION = click.option(
    "--data", type=click.Path(path_type=Path), required=True, help="A file or folder of items."
)


@click.command("evaluate", cls=TargetCommand, extend=data_flags_of_model)
@MODEL_ARGUMENT
@DATA_OPTION
@DOMAIN_FLAG
@JSON_FLAG
def command(model: Path, data: Path, domain_file: str | None, as_json: bool, **flags: Any) -> None:
    """Nats per token of a MODEL file on data, the end token counted, beside baselines."""
    from seqgen.cli.show import show_figures
    from seqgen.evaluation.baselines import measure_baselines
    from seqgen.evaluation.likelihood import likelihood
    from seqgen.evaluation.novelty import is_novel
    from seqgen.runs.data import encode_known, load_corpus

    out = Output(as_json)
    loaded, trained = open_model(model, domain_file)
    corpus = load_corpus(loaded.domain, data, data_options(loaded, flags))
    encoded, left_out = encode_known(corpus, trained.encoder)
    vocabulary = trained.encoder.vocabulary
    figures = likelihood(trained.model, encoded, vocabulary)
    seen = sum(not is_novel(item.tokens, trained.training_hashes) for item in encoded)
    result = {
        "nats_per_token": figures.per_token,
        "interval": list(figures.interval()),
        "items": len(encoded),
        "tokens": int(figures.tokens.sum()),
        "in_training_data": seen,
        "baselines": measure_baselines(trained.ngram(), encoded, vocabulary).to_json(),
        "left_out": [{"what": entry.what, "why": entry.why} for entry in left_out],
    }
    for entry in left_out:
        out.warn(f"left out: {entry.what}: {entry.why}")
    if not as_json:
        show_figures(out, result, "items")
    if seen:
        out.say(f"{seen} of {len(encoded)} items stand in the training data of this model")
    out.json(result)

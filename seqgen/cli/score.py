"""seqgen score: how surprising each token of each item is to a model file."""

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
from seqgen.cli.evaluate import DATA_OPTION
from seqgen.cli.output import Output
from seqgen.cli.target import TargetCommand


@click.command("score", cls=TargetCommand, extend=data_flags_of_model)
@MODEL_ARGUMENT
@DATA_OPTION
@DOMAIN_FLAG
@JSON_FLAG
def command(model: Path, data: Path, domain_file: str | None, as_json: bool, **flags: Any) -> None:
    """Nats of each item and each token under a MODEL file, the end token last."""
    from seqgen.evaluation.likelihood import token_nats
    from seqgen.runs.data import encode_known, load_corpus

    out = Output(as_json)
    loaded, trained = open_model(model, domain_file)
    corpus = load_corpus(loaded.domain, data, data_options(loaded, flags))
    encoded, left_out = encode_known(corpus, trained.encoder)
    for entry in left_out:
        out.warn(f"left out: {entry.what}: {entry.why}")
    symbols = (*trained.encoder.vocabulary.symbols, "<end>")
    rows = []
    scored = token_nats(trained.model, encoded, trained.encoder.vocabulary)
    for item, nats in zip(encoded, scored, strict=True):
        names = [symbols[token] for token in (*item.tokens.tolist(), len(symbols) - 1)]
        text = loaded.domain.text(trained.encoder.decode(item.tokens.tolist(), item.condition))
        worst = sorted(zip(nats.tolist(), names, strict=True), reverse=True)[:3]
        rows.append(
            (text, f"{nats.mean():.3f}", ", ".join(f"{name} {value:.1f}" for value, name in worst))
        )
        out.json(
            {
                "text": text,
                "nats": float(nats.sum()),
                "nats_per_token": float(nats.mean()),
                "tokens": names,
                "token_nats": nats.tolist(),
            }
        )
    if not as_json:
        out.table(["item", "nats per token", "most surprising tokens"], rows)

"""seqgen score: how surprising each token of each item is to a model file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from seqgen.domains.char_encoder import CharEncoder
from seqgen.errors import DataError
from seqgen.inference.model import load_parts

if TYPE_CHECKING:
    from seqgen.domains.encoder import Encoded
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.registry import LoadedDomain


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with the nats of each of its tokens, the end token last."""

    text: str
    tokens: tuple[str, ...]
    nats: tuple[float, ...]

    @property
    def per_token(self) -> float:
        """Nats per token."""
        return sum(self.nats) / len(self.nats)


@click.command("score", cls=TargetCommand, extend=data_flags_of_model)
@MODEL_ARGUMENT
@click.option("--data", type=click.Path(path_type=Path), help="A file or folder of items.")
@click.option("--text", multiple=True, help="An item as text; may be given several times.")
@click.option("--heat", is_flag=True, help="Show the nats of every token, coloured.")
@DOMAIN_FLAG
@JSON_FLAG
def command(
    model: Path,
    data: Path | None,
    text: tuple[str, ...],
    heat: bool,
    domain_file: str | None,
    as_json: bool,
    **flags: Any,
) -> None:
    """Nats of each item and each token under a MODEL file, the end token last."""
    if (data is None) == (not text):
        raise click.UsageError("give either --data or --text")
    if heat and as_json:
        raise click.UsageError("--json has the nats of every token already; leave out --heat")
    out = Output(as_json)
    loaded, trained = load_parts(model, domain_file)
    encoded: Sequence[Encoded] = [_encoded_text(loaded, trained, one) for one in text]
    if data is not None:
        encoded = _encoded_data(out, loaded, trained, data, flags)
    scored = _score(loaded, trained, encoded)
    for item in scored:
        out.json(
            {
                "text": item.text,
                "nats": sum(item.nats),
                "nats_per_token": item.per_token,
                "tokens": item.tokens,
                "token_nats": item.nats,
            }
        )
    if heat:
        _show_heat(out, scored, close=isinstance(trained.encoder, CharEncoder))
    elif not as_json:
        _show_table(out, scored)


def _encoded_data(
    out: Output, loaded: LoadedDomain, trained: TrainedModel, data: Path, flags: dict[str, Any]
) -> Sequence[Encoded]:
    from seqgen.runs.dataset import encode_known, load_corpus

    corpus = load_corpus(loaded.domain, data, data_options(loaded, flags))
    encoded, left_out = encode_known(corpus, trained.encoder)
    for entry in left_out:
        out.warn(f"left out: {entry.what}: {entry.why}")
    return list(encoded.values())


def _encoded_text(loaded: LoadedDomain, trained: TrainedModel, text: str) -> Encoded:
    """An item given as text, by way of the tokens of a prompt.

    Raises:
        SeqgenError: It holds unknown symbols, or items of this domain are more than tokens.
    """
    encoder = trained.encoder
    if loaded.domain.condition is not None or encoder.context_sizes:
        raise DataError(
            f"an item of domain {loaded.domain.name!r} is more than its tokens, so --text cannot "
            "give it; give a file to --data"
        )
    return encoder.encode(encoder.decode(encoder.prompt(text)))


def _score(loaded: LoadedDomain, trained: TrainedModel, encoded: Sequence[Encoded]) -> list[Scored]:
    from seqgen.evaluation.likelihood import token_nats

    vocabulary = trained.encoder.vocabulary
    symbols = (*vocabulary.symbols, "<end>")
    found = []
    for item, nats in zip(encoded, token_nats(trained.model, encoded, vocabulary), strict=True):
        tokens = item.tokens.tolist()
        text = loaded.domain.text(trained.encoder.decode(tokens, item.condition))
        names = tuple(symbols[token] for token in (*tokens, vocabulary.end))
        found.append(Scored(text, names, tuple(nats.tolist())))
    return found


def _show_table(out: Output, scored: Sequence[Scored]) -> None:
    rows = []
    for item in scored:
        worst = sorted(zip(item.nats, item.tokens, strict=True), reverse=True)[:3]
        names = ", ".join(f"{name} {value:.1f}" for value, name in worst)
        rows.append((item.text, f"{item.per_token:.3f}", names))
    out.table(["item", "nats per token", "most surprising tokens"], rows)


def _show_heat(out: Output, scored: Sequence[Scored], close: bool) -> None:
    from seqgen.cli.token_heatmap import show_heat, show_legend

    console = out.console
    for item in scored:
        show_heat(console, item.text, item.tokens, item.nats, close)
        console.print()
    show_legend(console, close)

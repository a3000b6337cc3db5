"""seqgen score: the nats of every token under a model, as a table or a heat map."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output, skipped_lines
from seqgen.cli.options import TargetCommand
from seqgen.domains.symbol_encoder import CharEncoder
from seqgen.errors import DataError
from seqgen.inference.open_model import resolve_target

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from seqgen.domains.encoder import Encoded
    from seqgen.inference.open_model import Target
    from seqgen.models.model_file import TrainedModel
    from seqgen.registry.installed_plugins import LoadedDomain

#: The nats at which the next colour begins.
BOUNDS = (0.5, 1.0, 2.0, 3.0, 5.0)
#: Background and text colour of each band, from cool to hot.
COLOURS = (
    ("#1f4e8c", "#ffffff"),
    ("#8fbce6", "#000000"),
    ("#e4edf2", "#000000"),
    ("#ffd970", "#000000"),
    ("#f28c3c", "#000000"),
    ("#a01515", "#ffffff"),
)
#: The width of the number below a long symbol: "12.3".
NUMBER_WIDTH = 4


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """An item with the nats of each of its tokens, the end token last."""

    text: str
    tokens: tuple[str, ...]
    nats: tuple[float, ...]

    @property
    def per_token(self) -> float:
        """Nats per token."""
        return sum(self.nats) / len(self.nats)


@click.command("score", cls=TargetCommand, resolve=resolve_target)
@options.MODEL
@options.DATA
@options.option("--text", "An item as text; may be repeated.", group="Data", multiple=True)
@options.option(
    "--heat", "Show the nats of every token as a heat map.", group="Output", is_flag=True
)
@options.DOMAIN_FILE
@options.JSON
def command(
    model: Target,
    data: Path | None,
    text: tuple[str, ...],
    heat: bool,
    as_json: bool,
    **flags: Any,
) -> None:
    """Show how likely a MODEL finds items: the negative log-likelihood of each token, in nats.

    MODEL is a model file, a run folder or the name of a domain. Needs --data or --text.
    """
    if (data is None) == (not text):
        raise click.UsageError("give either --data or --text")
    if heat and as_json:
        raise click.UsageError("--json contains the nats of every token; omit --heat")
    out = Output(as_json)
    loaded, trained = model.loaded, model.open().trained
    if data is None:
        encoded: Sequence[Encoded] = [_encode_text(loaded, trained, item) for item in text]
    else:
        encoded = _encode_data(out, loaded, trained, data, flags)
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
        _print_heat_maps(out, scored, compact=isinstance(trained.encoder, CharEncoder))
    elif not as_json:
        _print_table(out, scored)


def _encode_data(
    out: Output,
    loaded: LoadedDomain,
    trained: TrainedModel,
    data: Path,
    flags: Mapping[str, Any],
) -> Sequence[Encoded]:
    from seqgen.domains.domain import load_corpus
    from seqgen.runs.dataset import encode_known

    corpus = load_corpus(loaded.domain, data, options.select(loaded.domain.data_options, flags))
    encoded, skipped = encode_known(corpus, trained.encoder)
    for line in skipped_lines([entry.to_dict() for entry in skipped]):
        out.notice(f"skipped: {line}")
    return list(encoded.values())


def _encode_text(loaded: LoadedDomain, trained: TrainedModel, text: str) -> Encoded:
    """An item from its text, encoded as a prompt is.

    Raises:
        SeqgenError: It has unknown symbols, or items of this domain are more than their tokens.
    """
    encoder = trained.encoder
    if loaded.domain.condition is not None or encoder.context_sizes:
        raise DataError(
            f"an item of domain {loaded.domain.name!r} is more than its tokens, so --text cannot "
            "describe it; give a file to --data"
        )
    return encoder.encode(encoder.decode(encoder.prompt(text)))


def _score(
    loaded: LoadedDomain, trained: TrainedModel, encoded: Sequence[Encoded]
) -> list[ScoredItem]:
    from seqgen.evaluation.likelihood import token_nats

    vocabulary = trained.encoder.vocabulary
    symbols = (*vocabulary.symbols, "<end>")
    scored = []
    for item, nats in zip(encoded, token_nats(trained.model, encoded, vocabulary), strict=True):
        tokens = item.tokens.tolist()
        text = loaded.domain.text(trained.encoder.decode(tokens, item.condition))
        names = tuple(symbols[token] for token in (*tokens, vocabulary.end))
        scored.append(ScoredItem(text, names, tuple(nats.tolist())))
    return scored


def _print_table(out: Output, scored: Sequence[ScoredItem]) -> None:
    rows = []
    for item in scored:
        worst = sorted(zip(item.nats, item.tokens, strict=True), reverse=True)[:3]
        names = ", ".join(f"{name} {value:.1f}" for value, name in worst)
        rows.append((item.text, f"{item.per_token:.3f}", names))
    out.table(["item", "nats per token", "least likely tokens, nats"], rows)


def _print_heat_maps(out: Output, scored: Sequence[ScoredItem], compact: bool) -> None:
    console = out.console
    for item in scored:
        print_heat_map(console, item.text, item.tokens, item.nats, compact)
        console.print()
    print_legend(console, compact)


def print_heat_map(
    console: Console, title: str, tokens: Sequence[str], nats: Sequence[float], compact: bool
) -> None:
    """Print an item: a heading, then rows of tokens with their nats below.

    Args:
        console: The console; its width folds the rows.
        title: The item as one line.
        tokens: The symbols, the end token last.
        nats: The nats of each.
        compact: Whether symbols of one character have no space between them and one digit
            below: the nats rounded down, "+" from 10. Otherwise numbers have a decimal.
    """
    from rich.cells import cell_len
    from rich.text import Text

    total = sum(nats)
    heading = Text(title)
    summary = f"  {total:.1f} nats, {total / len(nats):.3f} per token"
    heading.truncate(max(console.width - len(summary), 8), overflow="ellipsis")
    console.print(heading, summary, sep="", no_wrap=True)
    above, below, width = Text(), Text(), 0
    for token, value in zip(map(visible, tokens), nats, strict=True):
        digit = compact and len(token) == 1
        number = f"{value:.1f}" if not digit else str(int(value)) if value < 10 else "+"
        gap = 0 if digit else 1
        cells = max(cell_len(token), 1 if digit else NUMBER_WIDTH)
        if width and width + gap + cells > console.width:
            _print_rows(console, above, below)
            above, below, width = Text(), Text(), 0
        gap = gap if width else 0
        padded = token + " " * (cells - cell_len(token))
        above.append(" " * gap).append(padded, _style(value))
        below.append(" " * gap).append(number.ljust(cells))
        width += gap + cells
    _print_rows(console, above, below)


def print_legend(console: Console, compact: bool) -> None:
    """Print what the numbers and, if the terminal has colours, the colours mean."""
    from rich.text import Text

    console.print(Text("n nats are a probability of e^-n: 1 is 37 %, 2 is 14 %, 5 is 0.7 %."))
    if compact:
        console.print(Text("Digits are nats rounded down; + is 10 or more."))
    if console.no_color or console.color_system is None:
        return
    line = Text("nats ")
    for low, high in zip((0.0, *BOUNDS), (*BOUNDS, None), strict=True):
        band = f" {low:g} or more " if high is None else f" {low:g} to {high:g} "
        line.append(band, _style(low))
    console.print(line)


def visible(symbol: str) -> str:
    """A symbol for a row of text; a symbol without a sign or width of its own is escaped."""
    plain = symbol.isprintable() and not any(map(unicodedata.combining, symbol))
    if not plain or not symbol:
        return symbol.encode("unicode_escape").decode() or '""'
    return "␣" if symbol == " " else symbol


def _style(nats: float) -> str:
    background, letters = COLOURS[bisect_right(BOUNDS, nats)]
    return f"{letters} on {background}"


def _print_rows(console: Console, above: Text, below: Text) -> None:
    for line in (above, below):
        line.rstrip()
        console.print(line, no_wrap=True)

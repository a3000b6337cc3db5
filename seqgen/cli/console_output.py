"""Output: text for people and JSON for programs; data cards, tables and samples as text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import click

from seqgen.domains.domain import Domain, plain_text
from seqgen.domains.symbol_encoder import CharEncoder
from seqgen.errors import SeqgenError

if TYPE_CHECKING:
    from rich.console import Console

    from seqgen.domains.encoder import Encoder
    from seqgen.generation.generator import Sample
    from seqgen.generation.sampling_config import SamplingConfig
    from seqgen.inference.generated_items import GeneratedItem
    from seqgen.inference.item_generator import ItemGenerator
    from seqgen.models.model_file import TrainedModel
    from seqgen.runs.dataset import DataCard
    from seqgen.runs.run_config import RunConfig

#: At most this many skipped items are listed with their reasons.
MAX_SKIPPED = 20


@final
class Output:
    """Text for people goes to stdout, or to stderr if stdout carries JSON.

    Args:
        as_json: Whether ``--json`` was given.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._results = sys.stdout
        context = click.get_current_context(silent=True)
        if as_json and context is not None:
            # Until the command ends: what functions of the domain print is not JSON.
            context.with_resource(redirect_stdout(sys.stderr))

    @property
    def console(self) -> Console:
        """The console for styled text."""
        from rich.console import Console

        return Console(stderr=self.as_json, highlight=False, soft_wrap=True)

    @property
    def interactive(self) -> bool:
        """Whether results go to a terminal, so that they may carry marks for a reader."""
        return not self.as_json and sys.stdout.isatty()

    def print(self, text: str = "", style: str = "") -> None:
        """Print a line for people. It is never parsed as markup: items may hold any character."""
        stream = sys.stderr if self.as_json else sys.stdout
        if style and stream.isatty():
            self.console.print(text, style=style, markup=False)
        else:
            print(text, file=stream)

    def notice(self, text: str) -> None:
        """Print a remark or a warning on stderr, so that stdout holds results only."""
        print(text, file=sys.stderr)

    def json(self, value: Any) -> None:
        """Print a JSON value as one line of stdout, with ``--json`` only."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False), file=self._results, flush=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a small table: text in the first column, numbers in the others."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for place, name in enumerate(columns):
            table.add_column(name, justify="right" if place else "left", overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        self.console.print(table)


@final
class TokenPrinter:
    """Prints each token as it is generated, one item after the other.

    Characters are printed without spaces, other symbols with spaces between them. With
    ``--json`` each token is a line ``{"index": 7, "token": "a"}``. The tokens of the prompt come
    first. In a terminal the tokens of a finished item are erased if they are on one line: the
    item itself is shown there next.

    Args:
        output: Where results go.
        encoder: The fitted encoder, for the symbols.
    """

    def __init__(self, output: Output, encoder: Encoder[Any]) -> None:
        self._output, self._symbols = output, encoder.vocabulary.symbols
        self._separator = "" if isinstance(encoder, CharEncoder) else " "
        self._index: int | None = None
        self._printed = ""
        #: The token ids that every item begins with.
        self.prompt: Sequence[int] = ()

    def print(self, index: int, token: int) -> None:
        """Print one token of the item of that index."""
        self._begin(index)
        self._print(index, token)

    def end(self, index: int) -> None:
        """Erase or end the line of a finished item."""
        self._begin(index)  # an item may end with its prompt
        if not self._output.as_json:
            width = self._width() if sys.stdout.isatty() else None
            print(end="\n" if width is None else f"\r{' ' * width}\r", flush=True)

    def _width(self) -> int | None:
        """The width of the tokens in columns; None if they need more than one line."""
        from shutil import get_terminal_size

        from rich.cells import cell_len

        width = cell_len(self._printed)
        one_line = self._printed.isprintable() and width < get_terminal_size().columns
        return width if one_line else None

    def _begin(self, index: int) -> None:
        if index != self._index:
            self._index, self._printed = index, ""
            for token in self.prompt:
                self._print(index, token)

    def _print(self, index: int, token: int) -> None:
        symbol = self._symbols[token]
        if self._output.as_json:
            self._output.json({"index": index, "token": symbol})
            return
        text = self._separator + symbol if self._printed else symbol
        self._printed += text
        print(text, end="", flush=True)


def print_data_card(out: Output, name: str, card: DataCard) -> None:
    """Print the summary of a data set."""
    split = ", ".join(
        f"{count} {part.replace('_', ' ')} ({count / card.items:.0%})"
        for part, count in card.parts.items()
    )
    out.print(f"{name}: {card.items:,} items, {card.tokens:,} tokens, vocabulary {card.vocabulary}")
    rows = {"split": split, "longest": f"{card.longest:,} tokens", "duplicates": card.duplicates}
    for key, value in {**rows, **card.notes, "licence": card.licence}.items():
        if value != "":
            out.print(f"  {key:<11} {value}")
    if card.skipped:
        out.print(f"  {'skipped':<11} {sum(entry.count for entry in card.skipped):,}:")
        for line in skipped_lines([entry.to_dict() for entry in card.skipped]):
            out.print(f"    {line}")


def skipped_lines(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each of the first skipped items with its reason, and the number of others.

    Args:
        entries: As ``SkippedItem.to_dict`` returns them.
    """
    for entry in entries[:MAX_SKIPPED]:
        yield f"{entry['what']}: {entry['why']}"
    more = sum(entry["count"] for entry in entries[MAX_SKIPPED:])
    if more:
        yield f"... and {more:,} more; --json lists all"


def print_preset(out: Output, config: RunConfig) -> None:
    """Print the preset of the settings and the reason for it."""
    out.print(f"  preset      {config.describe_preset()}")


def print_likelihood(out: Output, scored: Mapping[str, Any], items: str = "held-out items") -> None:
    """Print the nats per token of a model and of its baselines."""
    from seqgen.evaluation.describe_scores import describe_difference, remarks, score_rows

    name = items if scored["items"] != 1 else items.removesuffix("s")
    columns = [f"{scored['items']:,} {name}", "nats per token", "95 % interval"]
    out.table(columns, score_rows(scored))
    lines = list(remarks(scored))
    if scored.get("minus_ngram"):
        lines.insert(0, describe_difference(scored["minus_ngram"]))
    if lines:
        out.print("\n".join(lines) + "\n")


def print_samples(
    out: Output,
    domain: Domain,
    items: Sequence[GeneratedItem],
    files: Sequence[Path] = (),
    most: int | None = None,
) -> None:
    """Print samples as text. In a terminal they have marks, such as "(in the training data)".

    Args:
        out: The output.
        domain: Their domain.
        items: The samples.
        files: The files that were written of them, for their names.
        most: Print at most this many.
    """
    stems = list(dict.fromkeys(path.stem for path in files if path.suffix != ".jsonl"))
    names = stems if len(stems) == len(items) else [""] * len(items)
    for item, name in list(zip(items, names, strict=True))[:most]:
        marks = ""
        if out.interactive and not item.novel:
            marks += "  (in the training data)"
        if out.interactive and item.sample.finish_reason != "end":
            marks += f"  ({item.sample.finish_reason})"
        text = plain_text(domain, item.sample.item)
        if "\n" in text:
            file = f" ({name})" if name else ""
            out.print(f"sample {item.sample.index}{file}{marks}")
            text, marks = text, ""
        out.print(f"{text}{marks}")


def notice_rejection(out: Output, run: ItemGenerator, stream: bool) -> None:
    """Print a notice if ``--novel`` can only be met by rejection sampling.

    Raises:
        SeqgenError: Tokens are printed as they are generated, so no item can be rejected.
    """
    if not run.rejects_known:
        return
    why = (
        "this model file does not contain its training items (too many, or saved by an older "
        "seqgen)"
    )
    if stream:
        raise SeqgenError(f"{why}, so --novel rejects items that --stream has printed already")
    out.notice(f"{why}: --novel generates items and rejects known ones")


def notice_sampling(
    out: Output, run: ItemGenerator, items: Sequence[GeneratedItem], requested: int | None
) -> None:
    """Print notices on the samples: rejected items, the influence of the guide, incomplete items.

    Args:
        out: The output.
        run: What generated the samples.
        items: The samples.
        requested: The requested number; None for one sample of a certain index.
    """
    from seqgen.inference.item_generator import describe_acceptance

    if requested is not None and len(items) < requested:
        out.notice(f"no more than {len(items):,} different items are possible")
    if not items:
        return
    known = sum(not item.novel for item in items)
    if known and not out.interactive and not out.as_json:
        out.notice(f"{known} of {len(items)} items occur in the training data")
    if requested is not None and run.rejects:
        out.notice(describe_acceptance(len(items), items[-1].sample.index + 1))
    masked = sum(item.sample.masked for item in items) / len(items)
    if not out.as_json and not run.unbiased and (run.restricted or masked >= 0.05):
        out.notice(f"the guide took away {masked:.1f} nats an item on average")
    rules = {name: sum(item.rules.get(name, 0) for item in items) for name in items[0].rules}
    if rules and not out.as_json:
        counts = ", ".join(f"{name} {count:,}" for name, count in rules.items())
        out.notice(f"how often a rule excluded the most probable token: {counts}")
    for line in incomplete_lines(run.config.sampling, [item.sample for item in items]):
        out.notice(line)


def incomplete_lines(config: SamplingConfig, samples: Sequence[Sample]) -> Iterator[str]:
    """A line for each reason why samples are incomplete."""
    cut = [len(sample.tokens) for sample in samples if sample.finish_reason == "length"]
    if cut:
        yield (
            f"{len(cut)} of {len(samples)} items were cut at {max(cut):,} tokens, before their "
            "end, and may break the domain's rules: raise --max-tokens (if that changes nothing, "
            "test the guide with seqgen check)"
        )
    dead = sum(sample.finish_reason == "dead_end" for sample in samples)
    if dead:
        blind = ", ".join(f"--{name.replace('_', '-')}" for name in config.without_lookahead)
        why = f"; no look-ahead avoids this for {blind}" if blind else ""
        yield (
            f"{dead} of {len(samples)} items ended in a dead end, where no token is allowed{why}"
        )


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

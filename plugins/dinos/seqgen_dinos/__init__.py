"""seqgen-dinos: dinosaur names, the smallest of the shipped domains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import seqgen

DATA = Path(__file__).parent / "data"
NAMES = DATA / "genera.txt"
#: Trained on these names; ``make models`` in the repository trains it again.
MODEL = DATA / "model.safetensors"
#: The limit of letters in a name; the longest real genus has 26.
LONGEST = 40


@dataclass(frozen=True)
class DataOptions:
    """How a list of names is read."""

    column: str | None = seqgen.setting(None, "Heading of the column to read from a CSV file.")


@dataclass(frozen=True)
class GenerationOptions:
    """Constraints on the names."""

    starts_with: str = seqgen.setting("", "First letters of every name.")
    ends_with: str = seqgen.setting("", "Last letters of every name.")
    min_length: int = seqgen.setting(1, "Minimum number of letters.", min=1, max=LONGEST)
    max_length: int = seqgen.setting(LONGEST, "Maximum number of letters.", min=1, max=LONGEST)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


def corpus(source: Path | None, options: DataOptions) -> seqgen.Corpus[str]:
    """Read names, one per line, from a CSV column or from a JSON array, in lower case."""
    names = seqgen.read_items(source or NAMES, options.column)
    lower = [name.lower() for name in names]
    items = tuple(name for name in lower if len(name) <= LONGEST)
    why = f"longer than {LONGEST} letters: expected one name per line"
    skipped = tuple(seqgen.SkippedItem(f"{n[:20]}...", why) for n in lower if len(n) > LONGEST)
    # Lower case loses nothing of "ZUUL" and "Zuul", but something of "McDonald".
    mixed = sum(not (n.isupper() or n[1:] == n[1:].lower()) for n in names)
    note = f"{mixed:,} of {len(names):,} items have capitals inside, read in lower case"
    licence = "taxonomic names, facts; see data/README.md" if source is None else ""
    return seqgen.Corpus(items, skipped, notes={"case": note} if mixed else {}, licence=licence)


def name_guide(
    encoder: seqgen.CharEncoder, options: GenerationOptions, condition: None
) -> seqgen.AutomatonGuide:
    """Allow exactly the names with the first and last letters and the length of the options.

    The first and the last letters may overlap.
    """
    automaton = seqgen.Automaton.anything(encoder.vocabulary.end)
    # Names from files are in lower case; those that are passed from Python are as they are.
    mixed = any(symbol != symbol.lower() for symbol in encoder.vocabulary.symbols)
    for text, pattern in ((options.starts_with, "{}.*"), (options.ends_with, ".*{}")):
        if text:
            tokens = encoder.prompt(text if mixed else text.lower())
            symbols = (encoder.vocabulary.symbols[token] for token in tokens)
            regex = pattern.format(seqgen.regex_literal(symbols))
            automaton &= seqgen.regex_automaton(regex, encoder.vocabulary)
    return seqgen.AutomatonGuide.of(automaton, options.min_length, options.max_length)


def write(names: Sequence[str], folder: Path, receipts: Sequence[str]) -> list[Path]:
    """Write a text file with one name per line."""
    lines = "".join(f"{name.capitalize()}\n" for name in names)
    return [seqgen.write_file(folder / "names.txt", lines)]


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain[str, GenerationOptions, None]:
    return seqgen.Domain(
        name="dinos",
        summary="Dinosaur names",
        corpus=corpus,
        encoder=seqgen.CharEncoder,
        data_options=DataOptions,
        generation_options=GenerationOptions,
        guide=name_guide,
        text=str.capitalize,
        write=write,
        # At 1, the model's own distribution, a third of the names cannot be pronounced.
        presets={"temperature": 0.7},
        suffixes=(".txt", ".csv", ".tsv", ".json"),
        model=MODEL,
    )

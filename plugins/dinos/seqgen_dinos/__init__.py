"""seqgen-dinos: dinosaur names, the smallest of the shipped domains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import seqgen

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).parent / "data"
NAMES = DATA / "genera.txt"
#: Trained on them; ``make models`` in the repository makes it anew.
MODEL = DATA / "model.safetensors"
#: The longest real genus has 26 letters; what is much longer is no name.
LONGEST = 40


@dataclass(frozen=True)
class Reading:
    """How to read a list of names."""

    column: str | None = seqgen.setting(None, "Heading of the column to read of a CSV file.")


@dataclass(frozen=True)
class Wishes:
    """What the names must look like."""

    starts_with: str = seqgen.setting("", "First letters of every name.")
    ends_with: str = seqgen.setting("", "Last letters of every name.")
    min_length: int = seqgen.setting(1, "Fewest letters.", min=1, max=LONGEST)
    max_length: int = seqgen.setting(LONGEST, "Most letters.", min=1, max=LONGEST)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


def corpus(source: Path | None, reading: Reading) -> seqgen.Corpus[str]:
    """Names in lower case, one a line, a CSV column or a JSON array."""
    given = seqgen.read_items(source or NAMES, reading.column)
    names = [name.lower() for name in given]
    kept = tuple(name for name in names if len(name) <= LONGEST)
    why = f"longer than {LONGEST} letters: one name a line is expected"
    skipped = tuple(seqgen.SkippedItem(f"{n[:20]}...", why) for n in names if len(n) > LONGEST)
    licence = "taxonomic names, facts; see data/README.md" if source is None else ""
    # Names in capitals all through lose nothing; of McDonald and readLines it has to be said.
    mixed = sum(not (n.isupper() or n[1:] == n[1:].lower()) for n in given)
    said = f"{mixed:,} of {len(given):,} items have capitals inside, read in lower case"
    notes = {"case": said} if mixed else {}
    return seqgen.Corpus(kept, skipped, notes=notes, licence=licence)


def name_guide(
    encoder: seqgen.CharEncoder, wishes: Wishes, condition: None
) -> seqgen.AutomatonGuide:
    """Names that begin, end and are as long as wished."""
    from seqgen_dinos.guide import affix_guide

    return affix_guide(encoder, wishes)


def write(names: Sequence[str], folder: Path, receipts: Sequence[str]) -> list[Path]:
    """One text file with a name a line."""
    lines = "".join(f"{name.capitalize()}\n" for name in names)
    return [seqgen.write_file(folder / "names.txt", lines)]


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="dinos",
        summary="Dinosaur names",
        corpus=corpus,
        encoder=seqgen.CharEncoder,
        data_options=Reading,
        generation_options=Wishes,
        guide=name_guide,
        text=str.capitalize,
        write=write,
        suffixes=(".txt", ".csv", ".tsv", ".json"),
        model=MODEL,
    )

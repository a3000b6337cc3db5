"""Chord symbols: the parser compared with music21 on a table, and on real files.

Run ``python -m benchmarks.jazz.chords``; it prints the page and writes
``docs/benchmarks/chords.md``. The table of ``plugins/jazz/tests`` has the pitch classes of each
spelling by theory. Symbols of real files come from ``../shared/data/jazz`` if that folder exists:
texts of MIDI and ABC files, and MusicXML, whose ``<kind>`` states the meaning of a symbol.
"""

from __future__ import annotations

import re
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from seqgen_jazz import parse_chord
from seqgen_jazz.readers.midi_texts import walk_events

from benchmarks.jazz.chord_fuzz import fuzz
from benchmarks.timing import PAGES, REAL_MUSIC, import_jazz_test_module
from seqgen import DataError

PAGE = PAGES / "chords.md"
FUZZ_COUNT, SEED = 1_000_000, 7

#: Pitch classes and bass; the bass of N.C. is None.
Meaning = tuple[frozenset[int], int | None]
#: Dialect, spelling and meaning.
Row = tuple[str, str, Meaning]


def spelling_table() -> list[Row]:
    """The rows of the table of spellings."""
    return [
        (row.dialect, row.text, (row.pitch_classes, row.root if row.bass is None else row.bass))
        for row in import_jazz_test_module("chord_table").spellings()
    ]


def parse_by_seqgen(text: str) -> Meaning:
    """The meaning according to seqgen."""
    chord = parse_chord(text)
    bass = chord.root if chord.bass is None else chord.bass
    return frozenset(chord.pitch_classes), None if chord.root < 0 else bass


def parse_by_music21(text: str) -> Meaning:
    """The meaning of the unchanged text according to music21."""
    from music21 import harmony

    chord = harmony.ChordSymbol(text)
    return frozenset(pitch.pitchClass for pitch in chord.pitches), chord.bass().pitchClass


def parse_rewritten_by_music21(text: str) -> Meaning:
    """The meaning according to music21 after rewriting the flats of root and bass as ``-``."""
    rewritten = re.sub(r"(^|/)([A-G])(b+)", lambda m: m[1] + m[2] + "-" * len(m[3]), text)
    return parse_by_music21(rewritten)


def judge_parser(parse: Callable[[str], Meaning], text: str, expected: Meaning) -> str:
    """right, near (all pitch classes and at most two more), wrong or error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            classes, bass = parse(text)
    except Exception:  # parsers can refuse a text by any exception
        return "error"
    expected_classes, expected_bass = expected
    if bass != expected_bass or not expected_classes <= classes:
        return "wrong"
    # music21 includes the slash bass in the pitches.
    extra = classes - expected_classes - {bass}
    return "right" if not extra else "near" if len(extra) <= 2 else "wrong"


def compare(rows: list[Row]) -> list[str]:
    """The table that compares the parsers."""
    parsers = {
        "seqgen": parse_by_seqgen,
        "music21, as typed": parse_by_music21,
        "music21, flats rewritten": parse_rewritten_by_music21,
    }
    lines = [
        "| reader | right | right except for up to 2 extra tones | wrong, no error | refused |",
        "|---|---|---|---|---|",
    ]
    for name, parse in parsers.items():
        counts = Counter(judge_parser(parse, text, meaning) for _, text, meaning in rows)
        cells = (
            f"{counts[key]} ({counts[key] / len(rows):.1%})"
            for key in ("right", "near", "wrong", "error")
        )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def by_dialect(rows: list[Row]) -> list[str]:
    """The table of right spellings by dialect, of seqgen and of music21 with rewritten flats."""
    lines = ["| dialect | spellings | seqgen | music21, flats rewritten |", "|---|---|---|---|"]
    for dialect in sorted({row[0] for row in rows}):
        selected = [row for row in rows if row[0] == dialect]
        right = [
            sum(
                judge_parser(parse, text, meaning) in ("right", "near")
                for _, text, meaning in selected
            )
            for parse in (parse_by_seqgen, parse_rewritten_by_music21)
        ]
        lines.append(f"| {dialect} | {len(selected)} | {right[0]} | {right[1]} |")
    return lines


#: The meaning of each ``<kind>`` by the specification of MusicXML, in semitones.
KINDS = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "augmented": (0, 4, 8),
    "diminished": (0, 3, 6),
    "dominant": (0, 4, 7, 10),
    "major-seventh": (0, 4, 7, 11),
    "minor-seventh": (0, 3, 7, 10),
    "diminished-seventh": (0, 3, 6, 9),
    "augmented-seventh": (0, 4, 8, 10),
    "half-diminished": (0, 3, 6, 10),
    "major-minor": (0, 3, 7, 11),
    "major-sixth": (0, 4, 7, 9),
    "minor-sixth": (0, 3, 7, 9),
    "suspended-fourth": (0, 5, 7),
    "dominant-ninth": (0, 2, 4, 7, 10),
}


def midi_symbols() -> Iterator[str]:
    """The markers of the MIDI files."""
    for path in sorted(REAL_MUSIC.glob("*_midi/*.mid")):
        for _, kind, text in walk_events(path.read_bytes()).texts:
            if kind == 6:
                yield text.strip()


def abc_symbols() -> Iterator[str]:
    """The quoted texts of the ABC files, without annotations."""
    for path in sorted(REAL_MUSIC.glob("*_abc/*.abc")):
        for line in path.read_text("latin-1").splitlines():
            if not re.match(r"[A-Za-z]:|%", line):
                yield from re.findall(r'"([^"^_<>@]+)"', line)


def musicxml_symbols() -> Iterator[tuple[str, frozenset[int] | None]]:
    """The root and ``text`` (or kind) of each symbol, and the pitch classes of a plain kind."""
    note_class = import_jazz_test_module("chord_table").note_class
    for path in sorted([*REAL_MUSIC.glob("*/*.xml"), *REAL_MUSIC.glob("*/*.mxl")]):
        for harmony in re.findall(r"<harmony.*?</harmony>", _xml(path), re.DOTALL):
            step = re.search(r"<root-step>([A-G])", harmony)
            kind = re.search(r"<kind([^>]*)>([^<]*)<", harmony)
            if step is None or kind is None:
                continue
            alter = re.search(r"<root-alter>(-?\d)", harmony)
            shift = int(alter[1]) if alter else 0
            root = step[1] + ("#" * shift if shift > 0 else "b" * -shift)
            text = re.search(r'text="([^"]*)"', kind[1])
            classes = None
            if "<degree>" not in harmony and kind[2] in KINDS:
                classes = frozenset((note_class(root) + tone) % 12 for tone in KINDS[kind[2]])
            yield root + (text[1] if text and text[1] else kind[2]), classes


def _xml(path: Path) -> str:
    if path.suffix != ".mxl":
        return path.read_text("utf-8", errors="replace")
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.endswith("xml") and "META" not in n]
        return archive.read(names[0]).decode("utf-8", errors="replace")


def real_files() -> list[str]:
    """The table of the symbols of real files."""
    lines = [
        "| source | symbols | distinct | parsed | plain kinds parsed as stated | refused |",
        "|---|---|---|---|---|---|",
    ]
    sources: dict[str, list[tuple[str, frozenset[int] | None]]] = {
        "MIDI markers": [(text, None) for text in midi_symbols()],
        "ABC quotes": [(text, None) for text in abc_symbols()],
        "MusicXML `<harmony>`": list(musicxml_symbols()),
    }
    for name, symbols in sources.items():
        refused: Counter[str] = Counter()
        agree = plain = 0
        for text, classes in symbols:
            try:
                chord = parse_chord(text)
            except DataError:
                refused[text] += 1
                continue
            plain += classes is not None
            agree += classes is not None and classes == frozenset(chord.pitch_classes)
        most_common = ", ".join(f"`{text}` ({count})" for text, count in refused.most_common(8))
        lines.append(
            f"| {name} | {len(symbols):,} | {len({text for text, _ in symbols})} | "
            f"{len(symbols) - refused.total():,} | {f'{agree:,} of {plain:,}' if plain else '-'} | "
            f"{most_common or 'none'} |"
        )
    return lines


HEAD = """# Chord symbols

Generated by `python -m benchmarks.jazz.chords`. The test table,
[chord_spellings.tsv](../../plugins/jazz/tests/chord_spellings.tsv), lists {count} distinct
spellings in {dialects} dialects with the pitch classes of the chord's degrees, compiled
independently of the parser. A spelling is right if pitch classes and bass equal those of the
table.
"""
RIGHT = """
"Refused" is an error that a program can show; "wrong, no error" is another chord than the written
one. music21 spells flats with `-`, so it reads `Bb7` as B7; the third row rewrites flats first. In
the table by dialect, added tones count as right (a 13 chord with its 11).
"""
FUZZ = """
## A million strings

`python -m benchmarks.jazz.chord_fuzz` parses {count:,} strings with seed {seed}: a third are
table spellings with up to four edits, a third characters of chord symbols, a third any Unicode.
Result: {parsed:,} parsed, {refused:,} refused with the documented error, **{failures}** failures
(another exception, an error without a column inside the text, or a chord whose spelling parses as
another chord).
"""
FILES = """
## Symbols of real files
"""
KIND = """
MusicXML states the meaning of a symbol by its kind, so the parsed root and text (or kind) are
compared with it; kinds with `<degree>` changes are parsed but not compared. ABC files write some
basses in lower case, which the ABC reader converts and `parse_chord` refuses.
"""


def page() -> str:
    """The page as Markdown."""
    rows = spelling_table()
    counts, failures = fuzz(FUZZ_COUNT, SEED)
    parts = [
        HEAD.format(count=len(rows), dialects=len({row[0] for row in rows})),
        *compare(rows),
        RIGHT,
        *by_dialect(rows),
        FUZZ.format(
            count=FUZZ_COUNT,
            seed=SEED,
            parsed=counts["parsed"],
            refused=counts["refused"],
            failures=len(failures),
        ),
    ]
    if REAL_MUSIC.exists():
        parts += [FILES, *real_files(), KIND]
    return "\n".join(parts).replace("\n\n\n", "\n\n").rstrip() + "\n"


def main() -> None:
    """Print the page and write it."""
    text = page()
    print(text)
    if "--dry" not in sys.argv:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

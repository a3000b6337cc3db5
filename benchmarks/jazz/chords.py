"""Chord symbols: the reader beside music21 on one table, and on real files.

Run ``python -m benchmarks.jazz.chords``; it prints the figures and writes
``docs/benchmarks/chords.md``. The table is that of ``plugins/jazz/tests``: each spelling with
the pitch classes that theory gives it. Real symbols come from ``../shared/data/jazz`` where that
folder lies beside the repository: texts of MIDI and ABC files, and MusicXML, whose ``<kind>``
says independently what its symbol means.
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
from seqgen_jazz.readers.midi_events import walk_events

from benchmarks.jazz.chord_fuzz import fuzz
from seqgen import DataError

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "plugins/jazz/tests/chord_spellings.tsv"
PAGE = ROOT / "docs/benchmarks/chords.md"
REAL = ROOT.parent / "shared/data/jazz"
FUZZED, SEED = 1_000_000, 7
NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

Meaning = tuple[frozenset[int], int | None]
Row = tuple[str, str, Meaning]


def note_class(name: str) -> int:
    """The pitch class of a note name."""
    return (NATURALS[name[0]] + name.count("#") - name.count("b")) % 12


def table() -> list[Row]:
    """Dialect, spelling and meaning of every row."""
    rows = []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        dialect, text, root, notes, bass = line.split("\t")
        classes = frozenset(note_class(name) for name in notes.split() if name != "-")
        under = bass if bass != "-" else root
        rows.append((dialect, text, (classes, None if under == "-" else note_class(under))))
    return rows


def ours(text: str) -> Meaning:
    """The reader's answer."""
    chord = parse_chord(text)
    low = chord.root if chord.bass is None else chord.bass
    return frozenset(chord.pitch_classes), None if chord.root < 0 else low


def music21_raw(text: str) -> Meaning:
    """music21's answer to the very text."""
    from music21 import harmony

    chord = harmony.ChordSymbol(text)
    return frozenset(pitch.pitchClass for pitch in chord.pitches), chord.bass().pitchClass


def music21_flats(text: str) -> Meaning:
    """music21's answer when flats of root and bass are rewritten its way."""
    return music21_raw(re.sub(r"(^|/)([A-G])(b+)", lambda m: m[1] + m[2] + "-" * len(m[3]), text))


def verdict(read: Callable[[str], Meaning], text: str, meant: Meaning) -> str:
    """right, near (all pitch classes and at most two more), wrong or error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, low = read(text)
    except Exception:  # a reader may refuse a text in any way
        return "error"
    classes, bass = meant
    if bass != low:
        return "wrong"
    if found == classes:
        return "right"
    # The slash bass belongs to music21's pitches.
    more = found - classes - ({low} if low is not None else set())
    if classes <= found:
        return "near" if more and len(more) <= 2 else "wrong" if more else "right"
    return "wrong"


def compare(rows: list[Row]) -> list[str]:
    """The lines of the comparison's table."""
    readers = {
        "seqgen": ours,
        "music21, as typed": music21_raw,
        "music21, flats rewritten": music21_flats,
    }
    lines = [
        "| reader | right | right except for up to 2 extra tones | wrong, no error | refused |",
        "|---|---|---|---|---|",
    ]
    for name, read in readers.items():
        counts = Counter(verdict(read, text, meant) for _, text, meant in rows)
        cells = (
            f"{counts[key]} ({counts[key] / len(rows):.1%})"
            for key in ("right", "near", "wrong", "error")
        )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def by_dialect(rows: list[Row]) -> list[str]:
    """Rows right of each dialect, seqgen and music21 with its flats rewritten."""
    lines = ["| dialect | spellings | seqgen | music21, flats rewritten |", "|---|---|---|---|"]
    for dialect in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == dialect]
        right = [
            sum(verdict(read, text, meant) in ("right", "near") for _, text, meant in mine)
            for read in (ours, music21_flats)
        ]
        lines.append(f"| {dialect} | {len(mine)} | {right[0]} | {right[1]} |")
    return lines


#: What the ``<kind>`` of MusicXML means by its specification, in semitones.
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
    """Markers of the MIDI files, as they stand."""
    for path in sorted(REAL.glob("*_midi/*.mid")):
        for _, kind, text in walk_events(path.read_bytes()).texts:
            if kind == 6:
                yield text.strip()


def abc_symbols() -> Iterator[str]:
    """The quoted texts of the ABC files that are no annotations."""
    for path in sorted(REAL.glob("*_abc/*.abc")):
        for line in path.read_text("latin-1").splitlines():
            if not re.match(r"[A-Za-z]:|%", line):
                yield from re.findall(r'"([^"^_<>@]+)"', line)


def musicxml_symbols() -> Iterator[tuple[str, frozenset[int] | None]]:
    """Root and ``text`` (or kind) of each symbol, and what a plain kind means."""
    for path in sorted([*REAL.glob("*/*.xml"), *REAL.glob("*/*.mxl")]):
        for found in re.findall(r"<harmony.*?</harmony>", _xml(path), re.DOTALL):
            step = re.search(r"<root-step>([A-G])", found)
            kind = re.search(r"<kind([^>]*)>([^<]*)<", found)
            if step is None or kind is None:
                continue
            alter = re.search(r"<root-alter>(-?\d)", found)
            shift = int(alter[1]) if alter else 0
            root = step[1] + ("#" * shift if shift > 0 else "b" * -shift)
            said = re.search(r'text="([^"]*)"', kind[1])
            plain = "<degree>" not in found and kind[2] in KINDS
            classes = (
                frozenset((note_class(root) + tone) % 12 for tone in KINDS[kind[2]])
                if plain
                else None
            )
            yield root + (said[1] if said and said[1] else kind[2]), classes


def _xml(path: Path) -> str:
    if path.suffix != ".mxl":
        return path.read_text("utf-8", errors="replace")
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.endswith("xml") and "META" not in n]
        return archive.read(names[0]).decode("utf-8", errors="replace")


def real_files() -> list[str]:
    """The lines on the symbols of real files."""
    lines = [
        "| source | symbols | distinct | parsed | plain kinds parsed as stated | refused |",
        "|---|---|---|---|---|---|",
    ]
    sources: dict[str, list[tuple[str, frozenset[int] | None]]] = {
        "MIDI markers": [(text, None) for text in midi_symbols()],
        "ABC quotes": [(text, None) for text in abc_symbols()],
        "MusicXML `<harmony>`": list(musicxml_symbols()),
    }
    for name, found in sources.items():
        refused: Counter[str] = Counter()
        agree = plain = 0
        for text, classes in found:
            try:
                chord = parse_chord(text)
            except DataError:
                refused[text] += 1
                continue
            plain += classes is not None
            agree += classes is not None and classes == frozenset(chord.pitch_classes)
        words = ", ".join(f"`{text}` ({count})" for text, count in refused.most_common(8))
        lines.append(
            f"| {name} | {len(found):,} | {len({text for text, _ in found})} | "
            f"{len(found) - refused.total():,} | {f'{agree:,} of {plain:,}' if plain else '-'} | "
            f"{words or 'none'} |"
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
Result: {read:,} parsed, {refused:,} refused with the documented error, **{wrong}** failures
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
    """The page of figures."""
    rows = table()
    counts, wrong = fuzz(FUZZED, SEED)
    told = {"read": counts["read"], "refused": counts["refused"], "wrong": len(wrong)}
    parts = [
        HEAD.format(count=len(rows), dialects=len({row[0] for row in rows})),
        *compare(rows),
        RIGHT,
        *by_dialect(rows),
        FUZZ.format(count=FUZZED, seed=SEED, **told),
    ]
    if REAL.exists():
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

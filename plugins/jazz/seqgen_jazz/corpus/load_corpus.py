"""The corpus of the jazz domain: files and folders of music, or the solos that the plugin ships."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from seqgen import Corpus, DataError, SkippedItem
from seqgen_jazz.corpus.read_folder import find_files, read_all
from seqgen_jazz.corpus.recipe_file import parse_bar_ranges, read_recipe
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.options import DataOptions
from seqgen_jazz.readers.raw_tune import AS_FOUND, MIN_NOTES, Count, FileChoice, FileRead
from seqgen_jazz.readers.read_file import WJAZZD, read_file

_DEFAULTS: Final = DataOptions()
_DATA: Final = Path(__file__).parents[1] / "data"
#: The suffix of a take in a title: "(take 2)", "no. 3", "chorus 1", "2".
_TAKE: Final = re.compile(
    r"[\s,(#]+(?:(?:alternate |alt )?(?:take|chorus|solo|no|nr)[.\s#]*\d*|\d+)\)?$"
)
_LICENCE: Final = "CC0-1.0, written by the seqgen project"
_ORIGIN: Final = "composed by a program of the seqgen project, not played by musicians"
#: The split needs this many items: for training, validation and the held-out score.
_MIN_TUNES: Final = 3
#: Lengths in bars of the phrases that fewer tunes are cut into, each with the minimum number of
#: phrases: long ones keep more of the melody together, many make the parts of the split fair.
_PHRASE_BARS: Final = ((8, 8), (4, _MIN_TUNES), (2, _MIN_TUNES))
#: Counts that the data card shows as a share of all onsets.
_SHARES: Final = (Count.ONSETS_MOVED, Count.NOTES_CUT, Count.RESTS_CLOSED, Count.LOWER_NOTES)


def load_corpus(source: Path | None = None, options: DataOptions = _DEFAULTS) -> Corpus[Solo]:
    """Load solos from a file or a folder, or the plugin's own solos if ``source`` is None.

    MIDI, MusicXML (.xml, .musicxml, .mxl) and ABC are supported, and the Weimar Jazz Database
    (.db). Folders are read recursively, without hidden files. Slow files are read by several
    processes. Results are cached in the user's cache folder (or the one in SEQGEN_CACHE). Every
    file and tune that cannot be used is listed with its reason.

    Raises:
        DataError: The path is missing, contains nothing that can be read, or nothing usable; or
            the options do not fit it.
    """
    if source is not None and source.suffix.lower() == WJAZZD:
        return _load_database(source, options)
    if options.where:
        raise DataError("where selects solos of a Weimar Jazz Database: give its .db file as data")
    if source is None:
        return _load_shipped(options)
    files, others = find_files(source)
    base = source if source.is_dir() else source.parent
    choices = _choices(files, base, options)
    used = [path for path in files if choices.get(path, AS_FOUND).use]
    extra: dict[str, str] = {}
    if others:
        kinds = sorted({path.suffix.lower() or path.name for path in others})
        extra["files of other kinds skipped"] = f"{len(others)} ({', '.join(kinds[:8])})"
    found, problem = read_all(used, choices)
    reads = {path: _keep_bars(found[path], choices.get(path, AS_FOUND).bars) for path in used}
    if problem:
        extra["cache"] = problem
    skipped = FileRead.skip("skipped by the recipe")
    return _corpus({path: reads.get(path, skipped) for path in files}, base, extra, "")


def read_solos(path: Path) -> tuple[Solo, ...]:
    """The complete solos of one music file.

    Raises:
        DataError: The file cannot be used.
    """
    read = read_file(path)
    if not read.solos:
        raise DataError(f"{path}: {read.skipped[0].message}")
    return read.solos


def _load_shipped(options: DataOptions) -> Corpus[Solo]:
    if options.recipe:
        raise DataError("a recipe is for your own files: give their folder as data")
    files = sorted(_DATA.glob("*.abc"))
    if not files:
        raise DataError(f"the plugin's own solos are missing: no .abc files in {_DATA}")
    return _corpus({path: read_file(path) for path in files}, _DATA, {"origin": _ORIGIN}, _LICENCE)


def _choices(files: Sequence[Path], base: Path, options: DataOptions) -> dict[Path, FileChoice]:
    """The choice of the recipe for each file that it names."""
    if not options.recipe:
        return {}
    named = read_recipe(Path(options.recipe))
    known = {path.relative_to(base).as_posix(): path for path in files}
    missing = sorted(set(named) - set(known))
    if missing:
        raise DataError(
            f"the recipe {options.recipe} names {len(missing)} missing files, the first is "
            f"{missing[0]!r}; its names are relative to {base}"
        )
    return {known[name]: choice for name, choice in named.items()}


def _keep_bars(read: FileRead, bars: str) -> FileRead:
    """The ranges of bars that a recipe keeps of each solo of a file."""
    if not read.solos or not bars:
        return read
    try:
        solos = [part for solo in read.solos for part in cut_solo(solo, bars)]
    except DataError as error:
        return FileRead.skip(f"{error}; change bars in the recipe")
    counts = Counter(read.counts)
    counts[Count.SOLOS] = len(solos)
    counts[Count.NOTES] = sum(len(solo.notes) for solo in solos)
    counts[Count.BARS] = sum(len(solo.chart.bars) for solo in solos)
    return FileRead(tuple(solos), read.skipped, counts)


def cut_solo(solo: Solo, bars: str) -> list[Solo]:
    """The ranges of a solo in a list such as ``1-32,41-64``; the solo itself for an empty list.

    A note that begins before its range is dropped, one that extends beyond it is cut.

    Raises:
        DataError: A range is outside the solo, or has too few notes.
    """
    ranges = parse_bar_ranges(bars)
    return [_cut_range(solo, first - 1, last) for first, last in ranges] if ranges else [solo]


def _cut_range(solo: Solo, first: int, last: int) -> Solo:
    chart = solo.chart
    if last > len(chart.bars):
        raise DataError(f"the recipe keeps bars {first + 1}-{last}; it has {len(chart.bars)}")
    start, end = chart.bar_starts[first], chart.bar_starts[last]
    head, *others = chart.bars[first:last]
    if not head.changes or head.changes[0][0] > 0:
        head = replace(head, changes=((0, chart.chord_at(start)), *head.changes))
    notes = tuple(
        Note(note.onset - start, min(note.end, end) - note.onset, note.pitch)
        for note in solo.notes
        if start <= note.onset < end
    )
    if len(notes) < MIN_NOTES:
        raise DataError(
            f"bars {first + 1}-{last} have {len(notes)} notes; at least {MIN_NOTES} are needed"
        )
    sections = tuple((bar - first, name) for bar, name in chart.sections if first <= bar < last)
    chart = replace(chart, bars=(head, *others), sections=sections)
    return replace(solo, chart=chart, notes=notes)


def cut_few_tunes(corpus: Corpus[Solo]) -> Corpus[Solo]:
    """A corpus of fewer than three tunes as phrases, each a group of its own.

    Phrases begin at a bar line, and a pickup belongs to the first one. The data card says that
    the tunes were cut. A corpus that is too short for three phrases is returned unchanged: it
    can be scored, and the split for a training reports how much is missing.
    """
    tunes = len(set(corpus.groups))
    if tunes >= _MIN_TUNES:
        return corpus
    for length, least in _PHRASE_BARS:
        ranges = [(at, span) for at, s in enumerate(corpus.items) for span in _phrases(s, length)]
        if len(ranges) >= least:
            break
    else:
        return corpus
    phrases, groups = [], []
    for at, (first, last) in ranges:
        solo = corpus.items[at]
        name = f"bars {first + 1}-{last}"
        phrases.append(replace(_cut_range(solo, first, last), title=f"{solo.title}, {name}"))
        groups.append(f"{corpus.groups[at]}, solo {at + 1}, {name}")
    sources = tuple(corpus.sources[at] for at, _ in ranges) if corpus.sources else ()
    note = (
        f"{'one tune' if tunes == 1 else 'two tunes'} cut into {len(phrases)} phrases of {length} "
        f"bars or more, because training, validation and scoring need {_MIN_TUNES} items; held-out "
        "phrases are from the same music, so their score says little about other music"
    )
    return replace(
        corpus,
        items=tuple(phrases),
        groups=tuple(groups),
        notes={**corpus.notes, "phrases": note},
        sources=sources,
    )


def _phrases(solo: Solo, length: int) -> list[tuple[int, int]]:
    """The first bar, from 0, and the bar after the last one of each phrase of a solo.

    A phrase has at least ``length`` bars and ``MIN_NOTES`` notes; the last one includes the rest.
    """
    starts = solo.chart.bar_starts
    onsets = [note.onset for note in solo.notes]
    found: list[tuple[int, int]] = []
    first, pickup = 0, solo.chart.pickup
    for bar in range(1, len(solo.chart.bars) + 1):
        count = bisect_left(onsets, starts[bar]) - bisect_left(onsets, starts[first])
        if bar - first - (pickup if first == 0 else 0) >= length and count >= MIN_NOTES:
            found.append((first, bar))
            first = bar
    if found:
        found[-1] = (found[-1][0], len(solo.chart.bars))
    return found


def _load_database(source: Path, options: DataOptions) -> Corpus[Solo]:
    """The solos of a Weimar Jazz Database, with its licence."""
    from seqgen_jazz.readers.wjazzd import read_wjazzd

    if options.recipe:
        raise DataError("a recipe is for files; select solos of a database with where")
    found = read_wjazzd(source, options.where)
    skipped = tuple(SkippedItem(tune.label, tune.message) for tune in found.read.skipped)
    if not found.read.solos:
        raise DataError(f"none of its solos can be used: {_first(skipped)}")
    notes = {"database": found.release, **_notes(found.read.counts)}
    if options.where:
        notes["where"] = options.where
    return Corpus(found.read.solos, skipped, found.groups, notes, found.licence)


def _corpus(
    reads: Mapping[Path, FileRead], base: Path, extra: dict[str, str], licence: str
) -> Corpus[Solo]:
    solos: list[Solo] = []
    sources: list[str] = []
    skipped: list[SkippedItem] = []
    counts: Counter[Count] = Counter()
    for path, read in reads.items():
        name = "/".join(path.parts[len(base.parts) :])
        solos += read.solos
        sources += [name] * len(read.solos)
        skipped += [
            SkippedItem(f"{name}: {label}" if label else name, message)
            for label, message, _ in read.skipped
        ]
        counts += read.counts
    if not solos:
        raise DataError(f"none of the {len(reads)} files can be used: {_first(skipped)}")
    unused = sum(not read.solos for read in reads.values())
    files = f"{len(reads) - unused} read, {unused} skipped"
    groups = tuple(tune_name(solo.title) for solo in solos)
    notes = {"files": files, **_notes(counts), **extra}
    return Corpus(tuple(solos), tuple(skipped), groups, notes, licence, tuple(sources))


def _first(skipped: Sequence[SkippedItem]) -> str:
    """The first reasons of an error."""
    return "; ".join(f"{entry.what}: {entry.why}" for entry in skipped[:3])


def _notes(counts: Counter[Count]) -> dict[str, str]:
    """The counts as facts for the data card."""
    onsets = max(1, counts[Count.ONSETS])
    return {
        count.value: f"{counts[count]:,}"
        + (f" ({100 * counts[count] / onsets:.1f} %)" if count in _SHARES else "")
        for count in Count
        if counts[count] and count is not Count.ONSETS
    }


def tune_name(title: str) -> str:
    """The tune of a title: takes, choruses and solos of one tune have one name.

    A file stem like "Player_TheTune-2_Solo" has the tune in its second part.
    """
    parts = title.split("_")
    if len(parts) >= 3 and parts[-1].lower() == "solo":
        title = parts[1]
    name = re.sub(r"[-_\s]+", " ", title).strip().casefold()
    name = _TAKE.sub("", name)
    return name.strip() or title.casefold()

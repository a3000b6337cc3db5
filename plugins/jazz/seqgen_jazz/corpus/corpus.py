"""The corpus of the jazz domain: files and folders of music, or the tunes the plugin ships."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from seqgen import Corpus, DataError, SkippedItem
from seqgen_jazz.corpus.read_folder import find_files, outcome, read_all
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.options import DataOptions
from seqgen_jazz.readers.raw_tune import MIN_NOTES, Answer, FileRead
from seqgen_jazz.readers.read_file import WJAZZD
from seqgen_jazz.readers.recipe import AS_FOUND, FileChoice, bar_ranges, read_recipe


def cut_solo(solo: Solo, bars: str) -> list[Solo]:
    """The stretches of a solo that a list such as ``1-32,41-64`` names; itself for an empty one.

    A note that begins before its stretch is left out, one that goes on behind it is cut.

    Raises:
        DataError: A stretch lies outside the solo or has too few notes.
    """
    ranges = bar_ranges(bars)
    return [_stretch(solo, first - 1, last) for first, last in ranges] if ranges else [solo]


def _stretch(solo: Solo, first: int, last: int) -> Solo:
    chart = solo.chart
    if last > len(chart.bars):
        raise DataError(f"bars {first + 1}-{last} are asked for; the solo has {len(chart.bars)}")
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
            f"bars {first + 1}-{last} hold {len(notes)} notes; at least {MIN_NOTES} are needed"
        )
    return replace(solo, chart=replace(chart, bars=(head, *others)), notes=notes)


#: No options given.
AS_IT_IS: Final = DataOptions()
_DATA: Final = Path(__file__).parents[1] / "data"
#: What marks a take of a tune at the end of its title: "(take 2)", "no. 3", "chorus 1", "2".
_TAKE: Final = re.compile(
    r"[\s,(#]+(?:(?:alternate |alt )?(?:take|chorus|solo|no|nr)[.\s#]*\d*|\d+)\)?$"
)
_LICENCE: Final = "CC0-1.0, written by the seqgen project"
_SHARES: Final = {
    "onsets moved": "onsets moved by more than 1/48 beat",
    "notes trimmed": "notes cut at the next onset",
    "short rests closed": "rests under 1/6 beat closed",
    "second voices dropped": "notes of second voices dropped",
}


def load_corpus(source: Path | None = None, options: DataOptions = AS_IT_IS) -> Corpus[Solo]:
    """Load solos from a file or a folder, or the plugin's own tunes when ``source`` is None.

    MIDI, MusicXML (.xml, .musicxml, .mxl) and ABC are read, and the Weimar Jazz Database (.db);
    folders with all inside them, hidden files left aside. Slow files are read by several
    processes, and what was read is kept under the user's cache folder (or the one SEQGEN_CACHE
    names). Every file and tune that cannot be used stands in ``skipped`` with its reason.

    Raises:
        DataError: The path is missing, holds nothing that can be read, or nothing usable; or
            the options do not fit it.
    """
    if source is not None and source.suffix.lower() == WJAZZD:
        return _database(Path(source), options)
    if options.where:
        raise DataError("where chooses solos of a Weimar Jazz Database: give its .db file as data")
    if source is None:
        return _own(options)
    files, others = find_files(Path(source))
    base = Path(source) if Path(source).is_dir() else Path(source).parent
    choices = _choices(files, base, options)
    unused = [path for path in files if not choices.get(path, AS_FOUND).use]
    extra: dict[str, str] = {}
    if others:
        kinds = sorted({path.suffix.lower() or path.name for path in others})
        extra["files of other kinds passed over"] = f"{len(others)} ({', '.join(kinds[:8])})"
    wanted = [path for path in files if path not in unused]
    answers, trouble = read_all(wanted, choices)
    answers.update({path: "the recipe leaves it out" for path in unused})
    for path in wanted:
        answers[path] = _cut(answers[path], choices.get(path, AS_FOUND))
    if trouble:
        extra["cache"] = trouble
    return _corpus(files, base, answers, extra, "")


def _own(options: DataOptions) -> Corpus[Solo]:
    """The tunes that the plugin ships."""
    if options.recipe:
        raise DataError("a recipe is for files of yours: give their folder as data")
    files = sorted(_DATA.glob("*.abc"))
    if not files:
        raise DataError(f"the plugin's own tunes are missing: no .abc files in {_DATA}")
    return _corpus(files, _DATA, {path: outcome(path) for path in files}, {}, _LICENCE)


def _choices(files: Sequence[Path], base: Path, options: DataOptions) -> dict[Path, FileChoice]:
    """What the recipe says of each file; files that it does not name are read as found."""
    if not options.recipe:
        return {}
    named = read_recipe(Path(options.recipe))
    known = {path.relative_to(base).as_posix(): path for path in files}
    missing = sorted(set(named) - set(known))
    if missing:
        raise DataError(
            f"the recipe {options.recipe} names {len(missing)} files that are not there, "
            f"{missing[0]!r} first; its names are relative to {base}"
        )
    return {known[name]: choice for name, choice in named.items()}


def _cut(answer: Answer, choice: FileChoice) -> Answer:
    """The stretches of bars that a recipe keeps of each solo of a file."""
    if isinstance(answer, str) or not choice.bars:
        return answer
    try:
        solos = [part for solo in answer.solos for part in cut_solo(solo, choice.bars)]
    except DataError as error:
        return f"{error}; change bars in the recipe"
    counts = Counter(answer.counts)
    counts["solos"] = len(solos)
    counts["notes"] = sum(len(solo.notes) for solo in solos)
    counts["bars"] = sum(len(solo.chart.bars) for solo in solos)
    return FileRead(tuple(solos), answer.skipped, counts)


def _database(source: Path, options: DataOptions) -> Corpus[Solo]:
    """The solos of a Weimar Jazz Database, with its licence."""
    from seqgen_jazz.readers.wjazzd import read_wjazzd

    if options.recipe:
        raise DataError("a recipe is for files; choose solos of a database with where")
    found = read_wjazzd(source, options.where)
    if not found.read.solos:
        shown = "; ".join(f"{what}: {why}" for what, why in found.read.skipped[:3])
        raise DataError(f"none of its solos can be used: {shown}")
    skipped = tuple(SkippedItem(what, why) for what, why in found.read.skipped)
    notes = {"database": found.release, **_notes(found.read.counts)}
    if options.where:
        notes["where"] = options.where
    return Corpus(found.read.solos, skipped, found.groups, notes, found.licence)


def _corpus(
    files: Sequence[Path],
    base: Path,
    answers: dict[Path, Answer],
    extra: dict[str, str],
    licence: str,
) -> Corpus[Solo]:
    solos: list[Solo] = []
    sources: list[str] = []
    skipped: list[SkippedItem] = []
    counts: Counter[str] = Counter()
    for path in files:
        name = "/".join(path.parts[len(base.parts) :])
        answer = answers[path]
        if isinstance(answer, str):
            skipped.append(SkippedItem(name, answer))
            continue
        solos += answer.solos
        sources += [name] * len(answer.solos)
        skipped += [SkippedItem(f"{name}: {what}", why) for what, why in answer.skipped]
        counts += answer.counts
    if not solos:
        shown = "; ".join(f"{entry.what}: {entry.why}" for entry in skipped[:3])
        raise DataError(f"none of the {len(files)} files can be used: {shown}")
    refused = sum(isinstance(answers[path], str) for path in files)
    notes = {"files": f"{len(files) - refused} read, {refused} left out", **_notes(counts), **extra}
    groups = tuple(tune_name(solo.title) for solo in solos)
    return Corpus(tuple(solos), tuple(skipped), groups, notes, licence, tuple(sources))


def _notes(counts: Counter[str]) -> dict[str, str]:
    """The counters as facts for the data card; shares where a share says more."""
    notes = {name: f"{counts[name]:,}" for name in ("solos", "bars", "notes")}
    onsets = max(1, counts["onsets"])
    for name, label in _SHARES.items():
        if counts[name]:
            notes[label] = f"{counts[name]:,} ({100 * counts[name] / onsets:.1f} %)"
    told = {"solos", "bars", "notes", "onsets", *_SHARES}
    rest = sorted(name for name in counts if name not in told and counts[name])
    return {**notes, **{name: f"{counts[name]:,}" for name in rest}}


def tune_name(title: str) -> str:
    """The tune behind a title: takes, choruses and solos of one tune give one name.

    A file stem like "Player_TheTune-2_Solo" names the tune in its second part.
    """
    parts = title.split("_")
    if len(parts) >= 3 and parts[-1].lower() == "solo":
        title = parts[1]
    name = re.sub(r"[-_\s]+", " ", title).strip().casefold()
    name = _TAKE.sub("", name)
    return name.strip() or title.casefold()

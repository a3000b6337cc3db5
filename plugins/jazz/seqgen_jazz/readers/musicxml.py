"""The MusicXML reader: the line, its chord symbols and repeats, at concert pitch, by music21."""

from __future__ import annotations

import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.readers.chord_inference import infer_chords
from seqgen_jazz.readers.measures import Measure, play
from seqgen_jazz.readers.melody_voice import choose_part, page_part, part_told
from seqgen_jazz.readers.musicxml_chords import chord_of
from seqgen_jazz.readers.quantize import fit
from seqgen_jazz.readers.raw_tune import JUMPS, FileRead, RawSolo, check_meter

_MOST_BYTES: Final = 50_000_000
_ROOTS: Final = ("score-partwise", "score-timewise")


def read_musicxml(path: Path) -> FileRead:
    """The solo of a MusicXML file, plain or compressed (.mxl). Slow: up to seconds a file.

    Raises:
        DataError: The file is damaged, of another kind, or has no line with chords.
    """
    solo, counts = fit(raw_musicxml(path))
    return FileRead((solo,), (), counts)


def raw_musicxml(path: Path, chords: bool = True) -> RawSolo:
    """The tune of a MusicXML file as it stands there, whatever it lacks.

    Args:
        path: The file.
        chords: Whether chords are inferred where the file has no symbols.

    Raises:
        DataError: The file is damaged or of another kind, or no chords can be inferred.
    """
    check_musicxml(path)
    from music21 import converter

    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            score = converter.parse(path, forceSource=True, storePickle=False)
            raw = _raw(score, path, chords)
    except DataError:
        raise
    except Exception as error:  # music21 raises whatever its inner parts do
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise DataError(f"music21 cannot read it ({why})") from error
    if told:
        raw.counts["oddities of notation that music21 told of"] += len(told)
    return raw


def check_musicxml(path: Path) -> None:
    """Look at a file before the slow parser sees it: size, kind, and that its XML is whole.

    Raises:
        DataError: It is empty, too large, no zip archive of MusicXML, or no such XML.
    """
    size = path.stat().st_size
    if size == 0:
        raise DataError("it is empty")
    if size > _MOST_BYTES:
        raise DataError(f"it has {size} bytes; the most for MusicXML is {_MOST_BYTES}")
    if path.suffix.lower() == ".mxl":
        _check_archive(path)
        return
    with path.open("rb") as file:
        _check_root(file)


def _check_archive(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        raise DataError("it is no compressed MusicXML: it is not a zip archive")
    try:
        with zipfile.ZipFile(path) as archive:
            inner = [
                entry
                for entry in archive.infolist()
                if entry.filename.lower().endswith((".xml", ".musicxml"))
                and not entry.filename.startswith("META-INF")
            ]
            if not inner:
                raise DataError("it is a zip archive without MusicXML inside")
            total = sum(entry.file_size for entry in inner)
            if total > _MOST_BYTES:
                raise DataError(f"it unpacks to {total} bytes; the most is {_MOST_BYTES}")
            with archive.open(inner[0]) as file:
                _check_root(file)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"its zip archive is damaged ({error})") from error


def _check_root(file: Any) -> None:
    try:
        root = next(ElementTree.iterparse(file, events=("start",)))[1].tag
    except (ElementTree.ParseError, StopIteration, ValueError) as error:
        raise DataError(f"it is no readable XML ({error})") from error
    if root not in _ROOTS:
        raise DataError(f"it is XML of another kind (<{root}>), not MusicXML")


def _raw(score: Any, path: Path, chords: bool) -> RawSolo:
    counts: Counter[str] = Counter()
    parts = list(score.parts)
    if not parts:
        raise DataError("it has no parts")
    read = [_measures(part) for part in parts]
    symbols = [sum(len(measure.chords) for measure in measures) for measures, _ in read]
    sizes = [sum(len(measure.notes) for measure in measures) for measures, _ in read]
    order = range(len(parts))
    # The line of a lead sheet is the part with the symbols; a piano part has more notes.
    owners = [place for place in order if symbols[place] and sizes[place]] or list(order)
    found = [page_part(parts[place], place + 1, read[place][0]) for place in order]
    line = owners[choose_part([found[place] for place in owners])]
    owner = max(order, key=lambda place: (symbols[place], place == line))
    counts.update(read[line][1])
    if len(parts) > 1:
        counts["other parts left out"] += len(parts) - 1
    tempo = next(iter(score.recurse().getElementsByClass("MetronomeMark")), None)
    # music21 gets quarters from another beat by division, which leaves a rest of rounding.
    said = tempo.getQuarterBPM() if tempo else None
    beats = round(float(said), 6) if said else None
    if score.recurse().getElementsByClass("RepeatExpression"):
        counts[JUMPS] += 1
    raw = play(read[line][0], read[owner][0], _title(score, path), beats, counts)
    raw = replace(raw, line=part_told(found, line))
    if raw.chords or not chords:
        return raw
    return _inferred(raw, [read[place][0] for place in order], line)


def _inferred(raw: RawSolo, parts: Sequence[Sequence[Measure]], line: int) -> RawSolo:
    others = [
        note
        for place, measures in enumerate(parts)
        if place != line and len(measures) == len(parts[line])
        for note in play(measures, measures, "", None, Counter()).notes
    ]
    chords = infer_chords(others, raw.meters)
    raw.counts["files with chords inferred from the accompaniment"] += 1
    return replace(raw, chords=tuple(chords))


def _title(score: Any, path: Path) -> str:
    title = str((score.metadata.bestTitle if score.metadata else "") or "").strip()
    # music21 gives a file without a title its file name, and writes "Music21 Fragment" itself.
    return path.stem if title in ("", "Music21 Fragment", path.name) else title


def _measures(part: Any) -> tuple[list[Measure], Counter[str]]:
    """A part's measures at concert pitch, and what was left out of them."""
    counts: Counter[str] = Counter()
    shift = _sounding_shift(part)
    endings = _endings(part)
    meter = (4, 4)
    measures = []
    for written in part.getElementsByClass("Measure"):
        sign = written.timeSignature
        if sign is not None:
            meter = check_meter(sign.numerator, sign.denominator)
        measure = Measure(meter, ending=endings.get(id(written), frozenset()))
        left, right = written.leftBarline, written.rightBarline
        measure.begins_repeat = getattr(left, "direction", "") == "start"
        measure.ends_repeat = getattr(right, "direction", "") == "end"
        measure.times = (getattr(right, "times", None) or 2) if measure.ends_repeat else 2
        measure.chords = [
            (_offset(symbol, written), chord_of(symbol).transpose(shift))
            for symbol in written.recurse().getElementsByClass("Harmony")
        ]
        measure.notes = list(_notes(written, shift, counts))
        measure.length = _bar_length(written.highestTime)
        if measure.length > 0:
            measures.append(measure)
    return measures, counts


def _notes(
    written: Any, shift: int, counts: Counter[str]
) -> Iterator[tuple[Fraction, Fraction, int, bool]]:
    """The notes of a measure's highest voice."""
    voices = [voice for voice in written.voices if voice.notes] or [written]
    top = max(voices, key=lambda voice: _mean_pitch(voice, voice is not written))
    for voice in voices:
        for note in voice.recurse().notes if voice is not written else written.notes:
            if "Harmony" in note.classes or not note.pitches:
                continue
            if note.duration.isGrace:
                counts["grace notes left out"] += 1
            elif voice is not top:
                counts["second voices dropped"] += len(note.pitches)
            else:
                start, length = _offset(note, written), _exact(note.quarterLength)
                tied = note.tie is not None and note.tie.type in ("stop", "continue")
                for pitch in note.pitches:
                    yield start, length, int(pitch.midi) + shift, tied


def _mean_pitch(voice: Any, inner: bool) -> float:
    notes = voice.recurse().notes if inner else voice.notes
    pitches = [p.midi for n in notes if "Harmony" not in n.classes for p in n.pitches]
    return sum(pitches) / len(pitches) if pitches else 0.0


def _sounding_shift(part: Any) -> int:
    """Semitones from written to sounding pitch; 0 for instruments at concert pitch.

    music21 also gives an instrument that it knows by its MIDI program its usual transposition;
    only a part whose file says <transpose> is marked as not sounding as written.
    """
    if part.atSoundingPitch is not False:
        return 0
    for instrument in part.recurse().getElementsByClass("Instrument"):
        if instrument.transposition is not None:
            return int(instrument.transposition.semitones)
    return 0


def _endings(part: Any) -> dict[int, frozenset[int]]:
    """The passes in which each measure of a numbered ending is played, by ``id``."""
    found: dict[int, frozenset[int]] = {}
    for bracket in part.recurse().getElementsByClass("RepeatBracket"):
        numbers = frozenset(int(number) for number in bracket.numberRange)
        for measure in bracket.getSpannedElements():
            found[id(measure)] = numbers
    return found


def _offset(element: Any, measure: Any) -> Fraction:
    return _exact(element.getOffsetInHierarchy(measure))


def _bar_length(quarters: Any) -> Fraction:
    """A bar's length; rounding of tuplets in the file must not push the bars after it off."""
    ticks = round(quarters * TICKS_PER_QUARTER)
    near = abs(quarters * TICKS_PER_QUARTER - ticks) < 0.25
    return Fraction(ticks, TICKS_PER_QUARTER) if near else _exact(quarters)


def _exact(quarters: Any) -> Fraction:
    """music21 gives floats and fractions; tuplets come near enough to be told apart."""
    return Fraction(quarters).limit_denominator(20_160)

"""Read MusicXML with music21: the melody at concert pitch, its chord symbols and repeats."""

from __future__ import annotations

import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.harmony.chord import NO_CHORD, TENSIONS, Chord, Quality, make_chord
from seqgen_jazz.harmony.chord_parser import MUSICXML_KINDS, parse_chord, parse_quality
from seqgen_jazz.readers.choose_melody import choose_melody, describe_choice, part_candidate
from seqgen_jazz.readers.chord_inference import infer_chords
from seqgen_jazz.readers.errors import ReadError, SkipReason
from seqgen_jazz.readers.meters_and_measures import Measure, check_meter, play_out
from seqgen_jazz.readers.raw_tune import Count, RawTune

_MAX_BYTES: Final = 50_000_000
_ROOTS: Final = ("score-partwise", "score-timewise")
_SUFFIXES: Final = (".xml", ".musicxml")
_TENSION_NAMES: Final = {2: "9", 4: "11", 6: "13", 9: "9", 11: "11", 13: "13"}
_SIGNS: Final = {-1: "b", 0: "", 1: "#"}


def read_musicxml(path: Path, infer: bool = True) -> RawTune:
    """The tune of a MusicXML file, plain or compressed (.mxl). Slow: up to seconds per file.

    Args:
        path: The file.
        infer: Whether chords are inferred if the file has no symbols.

    Raises:
        ReadError: The file is damaged or of another kind, or no chords can be inferred.
    """
    check_musicxml(path)
    from music21 import converter

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            score = converter.parse(path, forceSource=True, storePickle=False)
            raw = _raw(score, path, infer)
    except DataError:
        raise
    except Exception as error:  # music21 raises errors of many kinds
        cause = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise ReadError(f"music21 cannot read it ({cause})", SkipReason.DAMAGED) from error
    if caught:
        raw.counts[Count.MUSIC21_WARNINGS] += len(caught)
    return raw


def check_musicxml(path: Path) -> None:
    """Check size, kind and XML syntax before the slow parser reads the file.

    Raises:
        ReadError: It is empty, too large, not a zip archive of MusicXML, or not MusicXML.
    """
    size = path.stat().st_size
    if size == 0:
        raise ReadError("it is empty", SkipReason.EMPTY)
    if size > _MAX_BYTES:
        raise ReadError(f"it has {size} bytes; the maximum for MusicXML is {_MAX_BYTES}")
    if path.suffix.lower() != ".mxl":
        with path.open("rb") as file:
            _check_root(file)
        return
    if not zipfile.is_zipfile(path):
        raise ReadError("it is not compressed MusicXML: not a zip archive", SkipReason.OTHER_FORMAT)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise ReadError(f"its zip archive is damaged ({error})", SkipReason.DAMAGED) from error


def _check_archive(archive: zipfile.ZipFile) -> None:
    inner = [
        entry
        for entry in archive.infolist()
        if entry.filename.lower().endswith(_SUFFIXES) and not entry.filename.startswith("META-INF")
    ]
    if not inner:
        raise ReadError("it is a zip archive without MusicXML", SkipReason.OTHER_FORMAT)
    total = sum(entry.file_size for entry in inner)
    if total > _MAX_BYTES:
        raise ReadError(f"it unpacks to {total} bytes; the maximum is {_MAX_BYTES}")
    with archive.open(inner[0]) as file:
        _check_root(file)


def _check_root(file: Any) -> None:
    try:
        root = next(ElementTree.iterparse(file, events=("start",)))[1].tag
    except (ElementTree.ParseError, StopIteration, ValueError) as error:
        raise ReadError(f"it is not readable XML ({error})", SkipReason.OTHER_FORMAT) from error
    if root not in _ROOTS:
        raise ReadError(f"it is XML of another kind (<{root}>)", SkipReason.OTHER_FORMAT)


def _raw(score: Any, path: Path, infer: bool) -> RawTune:
    parts = list(score.parts)
    if not parts:
        raise ReadError("it has no parts", SkipReason.EMPTY)
    read = [_measures(part) for part in parts]
    measures = [found for found, _ in read]
    symbols = [sum(len(measure.chords) for measure in found) for found in measures]
    candidates = [
        part_candidate(part, number, measures[number - 1]) for number, part in enumerate(parts, 1)
    ]
    order = range(len(parts))
    # The line of a lead sheet is the part with the symbols; a piano part has more notes.
    owners = [part for part in order if symbols[part] and candidates[part].notes] or list(order)
    line = owners[choose_melody([candidates[part] for part in owners])]
    owner = max(order, key=lambda part: (symbols[part], part == line))
    counts = read[line][1]
    if len(parts) > 1:
        counts[Count.OTHER_PARTS] += len(parts) - 1
    if score.recurse().getElementsByClass("RepeatExpression"):
        counts[Count.JUMPS] += 1
    mark = next(iter(score.recurse().getElementsByClass("MetronomeMark")), None)
    tempo = mark.getQuarterBPM() if mark else None
    raw = replace(
        play_out(measures[line], measures[owner], counts),
        title=_title(score, path),
        # music21 converts other beats by division, which leaves rounding errors.
        tempo=round(float(tempo), 6) if tempo else None,
        line=describe_choice(candidates, line),
    )
    return raw if raw.chords or not infer else _with_inferred_chords(raw, measures, line)


def _with_inferred_chords(raw: RawTune, parts: Sequence[Sequence[Measure]], line: int) -> RawTune:
    others = [
        note
        for number, measures in enumerate(parts)
        if number != line and len(measures) == len(parts[line])
        for note in play_out(measures, measures, Counter()).notes
    ]
    chords = infer_chords(others, raw.meters)
    raw.counts[Count.INFERRED_CHORDS] += 1
    return replace(raw, chords=tuple(chords))


def _title(score: Any, path: Path) -> str:
    title = str((score.metadata.bestTitle if score.metadata else "") or "").strip()
    # For a file without a title music21 returns its file name; it writes "Music21 Fragment".
    return path.stem if title in ("", "Music21 Fragment", path.name) else title


def _measures(part: Any) -> tuple[list[Measure], Counter[Count]]:
    """The measures of a part at concert pitch, and what was dropped from them."""
    counts: Counter[Count] = Counter()
    shift = _transposition(part)
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
            (_offset(symbol, written), read_harmony(symbol).transpose(shift))
            for symbol in written.recurse().getElementsByClass("Harmony")
        ]
        measure.notes = list(_notes(written, shift, counts))
        measure.length = _bar_length(written.highestTime)
        if measure.length > 0:
            measures.append(measure)
    return measures, counts


def _notes(
    written: Any, shift: int, counts: Counter[Count]
) -> Iterator[tuple[Fraction, Fraction, int, bool]]:
    """The notes of the highest voice of a measure."""
    voices = [voice for voice in written.voices if voice.notes] or [written]
    top = max(voices, key=lambda voice: _mean_pitch(_voice_notes(voice, written)))
    for voice in voices:
        for note in _voice_notes(voice, written):
            if note.duration.isGrace:
                counts[Count.GRACE_NOTES] += 1
            elif voice is not top:
                counts[Count.LOWER_NOTES] += len(note.pitches)
            else:
                start, length = _offset(note, written), _exact(note.quarterLength)
                tied = note.tie is not None and note.tie.type in ("stop", "continue")
                for pitch in note.pitches:
                    yield start, length, int(pitch.midi) + shift, tied


def _voice_notes(voice: Any, written: Any) -> list[Any]:
    notes = voice.notes if voice is written else voice.recurse().notes
    return [note for note in notes if "Harmony" not in note.classes and note.pitches]


def _mean_pitch(notes: Sequence[Any]) -> float:
    pitches = [pitch.midi for note in notes for pitch in note.pitches]
    return sum(pitches) / len(pitches) if pitches else 0.0


def _transposition(part: Any) -> int:
    """Semitones from written to sounding pitch; 0 for instruments at concert pitch.

    music21 also assigns the usual transposition to an instrument that it knows by its MIDI
    program; only a part with <transpose> is marked as not sounding as written.
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
    """The length of a bar, to the nearest tick: rounded tuplets must not shift later bars."""
    ticks = round(quarters * TICKS_PER_QUARTER)
    near = abs(quarters * TICKS_PER_QUARTER - ticks) < 0.25
    return Fraction(ticks, TICKS_PER_QUARTER) if near else _exact(quarters)


def _exact(quarters: Any) -> Fraction:
    """music21 returns floats and fractions; this is precise enough for all tuplets."""
    return Fraction(quarters).limit_denominator(20_160)


def read_harmony(symbol: Any) -> Chord:
    """The chord of a music21 ``Harmony`` object, from its fields and never from its text.

    Raises:
        ReadError: It has no root (a function such as "V"), or an unknown kind.
    """
    kind = str(getattr(symbol, "chordKind", "none"))
    if kind == "none" or type(symbol).__name__ == "NoChord":
        return NO_CHORD
    try:
        root, bass = symbol.root().pitchClass, symbol.bass().pitchClass
    except Exception as error:  # music21 recurses without end on a chord without a root
        raise ReadError("a chord symbol has no root note", SkipReason.CHORD_SYMBOL) from error
    degrees = (_degree(change) for change in symbol.chordStepModifications)
    return build_chord(root, kind, str(symbol.chordKindStr or ""), degrees, bass)


def build_chord(
    root: int, kind: str, text: str, degrees: Iterable[tuple[str, int, int]], bass: int | None
) -> Chord:
    """A chord from the fields of ``<harmony>``.

    Args:
        root: Pitch class.
        kind: The ``<kind>``; if it names no chord ("other"), ``text`` is read instead.
        text: The ``text`` attribute of the kind.
        degrees: ``(type, degree, alteration in semitones)``; type is add, alter or subtract.
        bass: Pitch class of the bass.

    Raises:
        ReadError: Neither kind nor text is known, or one of the degrees is not possible.
    """
    if kind in MUSICXML_KINDS:
        quality = parse_quality(MUSICXML_KINDS[kind])
    elif text:
        quality = parse_chord("C" + text).structure or parse_quality("")
    else:
        raise ReadError(f"a chord symbol has the kind {kind!r}", SkipReason.CHORD_SYMBOL)
    for change, degree, shift in degrees:
        quality = _change_degree(quality, change, degree, shift)
    return make_chord(root, quality, bass)


def _degree(change: Any) -> tuple[str, int, int]:
    interval = change.interval
    shift = getattr(interval, "semitones", interval) or 0
    return str(change.modType), int(change.degree), int(shift)


def _change_degree(quality: Quality, change: str, degree: int, shift: int) -> Quality:
    third, fifth, seventh = quality.third, quality.fifth, quality.seventh
    tensions = set(quality.tensions)  # 0 is an unknown one
    removed = change == "subtract"
    if degree == 3:
        third = None if removed else (3 if shift < 0 else 4)
    elif degree == 5:
        fifth = None if removed else 7 + shift
    elif degree == 7:
        # An added seventh is relative to the dominant's; some programs write its flat as -1.
        seventh = None if removed else (11 if shift > 0 else 10)
    elif degree == 6 and seventh is None and not removed:
        seventh = 9 + shift
    elif degree in _TENSION_NAMES:
        name = _TENSION_NAMES[degree]
        if change in ("alter", "subtract"):
            tensions.discard(TENSIONS[name])
        if not removed:
            tensions.add(TENSIONS.get(_SIGNS.get(shift, "?") + name, 0))
    else:
        tensions.add(0)
    if 0 in tensions or fifth not in (None, 6, 7, 8) or seventh not in (None, 9, 10, 11):
        message = f"a chord symbol cannot alter degree {degree} by {shift} semitones"
        raise ReadError(message, SkipReason.CHORD_SYMBOL)
    return Quality.make(third, fifth, seventh, tensions)

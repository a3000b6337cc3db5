"""What other programs read in the files of a solo, and where it is not what was written.

Nothing here is of pytest: ``benchmarks/jazz/written_files.py`` holds many more files against it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from seqgen_jazz.band.arrangement import parts
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import NO_CHORD
from seqgen_jazz.output.midi import TICKS
from symusic import Score

#: A note as every reader of MIDI gives it: start, end, pitch, velocity.
Heard = tuple[int, int, int, int]
#: The most ticks that a page moves a note by: a twelfth of a beat.
MOVED = 2


def by_symusic(path: Path) -> dict[int, list[Heard]]:
    """The notes by program; drums by -1."""
    found: dict[int, list[Heard]] = {}
    for track in Score(path).tracks:
        if len(track.notes):
            found[-1 if track.is_drum else track.program] = sorted(
                (n.time, n.time + n.duration, n.pitch, n.velocity) for n in track.notes
            )
    return found


def by_mido(path: Path) -> dict[int, list[Heard]]:
    """The same by mido."""
    import mido

    file = mido.MidiFile(path)
    assert file.type == 1 and file.ticks_per_beat == TICKS
    found: dict[int, list[Heard]] = {}
    for track in file.tracks:
        now, program = 0, 0
        open_notes: dict[int, tuple[int, int]] = {}
        for message in track:
            now += message.time
            if message.type == "program_change":
                program = message.program
            elif message.type == "note_on":
                assert message.note not in open_notes, "no note is struck while it sounds"
                open_notes[message.note] = (now, message.velocity)
            elif message.type == "note_off":
                start, velocity = open_notes.pop(message.note)
                key = -1 if message.channel == 9 else program
                found.setdefault(key, []).append((start, now, message.note, velocity))
        assert not open_notes, "every note ends"
    return {key: sorted(heard) for key, heard in found.items()}


def by_music21(path: Path) -> dict[int, list[Heard]]:
    """The same by the MIDI reader of music21, which takes apart events and not what they mean."""
    from music21.midi import ChannelVoiceMessages, MidiFile

    file = MidiFile()
    file.open(str(path))
    file.read()
    file.close()
    assert file.format == 1 and file.ticksPerQuarterNote == TICKS
    found: dict[int, list[Heard]] = {}
    for track in file.tracks:
        now, program = 0, 0
        open_notes: dict[int, tuple[int, int]] = {}
        for event in track.events:
            if event.isDeltaTime():
                now += event.time
            elif event.type == ChannelVoiceMessages.PROGRAM_CHANGE:
                program = event.data
            elif event.isNoteOn():
                open_notes[event.pitch] = (now, event.velocity)
            elif event.isNoteOff():
                start, velocity = open_notes.pop(event.pitch)
                key = -1 if event.channel == 10 else program
                found.setdefault(key, []).append((start, now, event.pitch, velocity))
    return {key: sorted(heard) for key, heard in found.items()}


MIDI_READERS = {"symusic": by_symusic, "mido": by_mido, "music21": by_music21}


def written_notes(solo: Solo) -> dict[int, list[Heard]]:
    """What its MIDI file is to hold, in the form of the readers."""
    return {
        -1 if part.name == "Drums" else part.program: [tuple(sound) for sound in part.sounds]
        for part in parts(solo)
        if part.sounds
    }


def midi_faults(path: Path, solo: Solo) -> list[str]:
    """The programs that do not read every note of every part as it was written."""
    wanted = written_notes(solo)
    return [name for name, read in MIDI_READERS.items() if read(path) != wanted]


def page_faults(path: Path, solo: Solo) -> list[str]:
    """What music21 does not find on a page as it was written; it refuses none of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from music21 import converter

        score = converter.parse(path, format="musicxml", forceSource=True, storePickle=False)
    starts = solo.chart.bar_starts
    found = [
        fault
        for number, part in enumerate(score.parts)
        for fault in _bar_faults(number, part, starts)
    ]
    line = score.parts[0].stripTies().flatten()
    return [*found, *_note_faults(line, solo), *_symbol_faults(line, solo)]


def _bar_faults(number: int, part: Any, starts: tuple[int, ...]) -> Iterator[str]:
    """Every bar stands where it belongs and is as full as it is long."""
    bars = list(part.getElementsByClass("Measure"))
    if len(bars) != len(starts) - 1:
        yield f"part {number} has {len(bars)} bars"
        return
    for place, (bar, (start, end)) in enumerate(zip(bars, pairwise(starts), strict=True), 1):
        found = _ticks(bar.offset), _ticks(bar.offset) + _ticks(bar.highestTime)
        if found != (start, end):
            yield f"part {number}, bar {place} lies from {found[0]} to {found[1]}"


def _note_faults(line: Any, solo: Solo) -> Iterator[str]:
    """Every note has its pitch and stands where it is played, or at most so little beside."""
    notes = [note for note in line.notes if "ChordSymbol" not in note.classes]
    if len(notes) != len(solo.notes):
        yield f"{len(notes)} notes"
        return
    for number, (found, note) in enumerate(zip(notes, solo.notes, strict=True), 1):
        if found.pitch.midi != note.pitch:
            yield f"note {number} has pitch {found.pitch.midi}"
        if abs(_ticks(found.offset) - note.onset) > MOVED:
            yield f"note {number} begins at {_ticks(found.offset)}"


def _symbol_faults(line: Any, solo: Solo) -> Iterator[str]:
    """Every chord symbol stands where its chord begins, with root and bass."""
    symbols = list(line.getElementsByClass("ChordSymbol"))
    written = [
        (start + tick, chord)
        for start, bar in zip(solo.chart.bar_starts, solo.chart.bars, strict=False)
        for tick, chord in bar.changes
    ]
    if [_ticks(symbol.offset) for symbol in symbols] != [tick for tick, _ in written]:
        yield "chord symbols at " + ", ".join(str(_ticks(symbol.offset)) for symbol in symbols)
        return
    for symbol, (tick, chord) in zip(symbols, written, strict=True):
        if chord == NO_CHORD:
            continue
        low = chord.root if chord.bass is None else chord.bass
        if (symbol.root().pitchClass, symbol.bass().pitchClass) != (chord.root, low):
            yield f"{chord} at {tick} is read as {symbol.figure}"


def _ticks(quarters: Any) -> int:
    return round(quarters * TICKS_PER_QUARTER)

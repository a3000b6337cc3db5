"""What other programs read in the files of a solo, and differences from what was written.

Without pytest, because ``benchmarks/jazz/written_files.py`` checks many more files with it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from seqgen_jazz.band.arrangement import arrange
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import NO_CHORD
from seqgen_jazz.output.midi import TICKS
from symusic import Score

#: A note of a MIDI file: start, end, pitch, velocity.
ReadNote = tuple[int, int, int, int]
#: The maximum shift of a note in a score, in ticks: a twelfth of a beat.
MAX_SHIFT = 2


def by_symusic(path: Path) -> dict[int, list[ReadNote]]:
    """The notes by program; drums by -1."""
    found: dict[int, list[ReadNote]] = {}
    for track in Score(path).tracks:
        if len(track.notes):
            found[-1 if track.is_drum else track.program] = sorted(
                (n.time, n.time + n.duration, n.pitch, n.velocity) for n in track.notes
            )
    return found


def by_mido(path: Path) -> dict[int, list[ReadNote]]:
    """The notes by program, read by mido."""
    import mido

    file = mido.MidiFile(path)
    assert file.type == 1 and file.ticks_per_beat == TICKS
    found: dict[int, list[ReadNote]] = {}
    for track in file.tracks:
        now, program = 0, 0
        open_notes: dict[int, tuple[int, int]] = {}
        for message in track:
            now += message.time
            if message.type == "program_change":
                program = message.program
            elif message.type == "note_on":
                assert message.note not in open_notes, "notes of a pitch do not overlap"
                open_notes[message.note] = (now, message.velocity)
            elif message.type == "note_off":
                start, velocity = open_notes.pop(message.note)
                key = -1 if message.channel == 9 else program
                found.setdefault(key, []).append((start, now, message.note, velocity))
        assert not open_notes, "every note ends"
    return {key: sorted(notes) for key, notes in found.items()}


def by_music21(path: Path) -> dict[int, list[ReadNote]]:
    """The notes by program, from the events that music21 reads."""
    from music21.midi import ChannelVoiceMessages, MidiFile

    file = MidiFile()
    file.open(str(path))
    file.read()
    file.close()
    assert file.format == 1 and file.ticksPerQuarterNote == TICKS
    found: dict[int, list[ReadNote]] = {}
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
    return {key: sorted(notes) for key, notes in found.items()}


MIDI_READERS = {"symusic": by_symusic, "mido": by_mido, "music21": by_music21}


def written_notes(solo: Solo) -> dict[int, list[ReadNote]]:
    """The notes that its MIDI file must contain, by program."""
    return {
        -1 if part.name == "Drums" else part.program: [tuple(sound) for sound in part.notes]
        for part in arrange(solo)
        if part.notes
    }


def midi_mismatches(path: Path, solo: Solo) -> list[str]:
    """The programs that do not read every note of every part as written."""
    expected = written_notes(solo)
    return [name for name, read in MIDI_READERS.items() if read(path) != expected]


def score_mismatches(path: Path, solo: Solo) -> list[str]:
    """Differences between a score as read by music21 and the solo."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from music21 import converter

        score = converter.parse(path, format="musicxml", forceSource=True, storePickle=False)
    starts = solo.chart.bar_starts
    found = [
        mismatch
        for number, part in enumerate(score.parts)
        for mismatch in _bar_mismatches(number, part, starts)
    ]
    line = score.parts[0].stripTies().flatten()
    return [*found, *_note_mismatches(line, solo), *_symbol_mismatches(line, solo)]


def _bar_mismatches(number: int, part: Any, starts: tuple[int, ...]) -> Iterator[str]:
    """Differences in the positions and lengths of bars."""
    bars = list(part.getElementsByClass("Measure"))
    if len(bars) != len(starts) - 1:
        yield f"part {number} has {len(bars)} bars"
        return
    for place, (bar, (start, end)) in enumerate(zip(bars, pairwise(starts), strict=True), 1):
        found = _ticks(bar.offset), _ticks(bar.offset) + _ticks(bar.highestTime)
        if found != (start, end):
            yield f"part {number}, bar {place} is from {found[0]} to {found[1]}"


def _note_mismatches(line: Any, solo: Solo) -> Iterator[str]:
    """Differences in pitches and onsets."""
    notes = [note for note in line.notes if "ChordSymbol" not in note.classes]
    if len(notes) != len(solo.notes):
        yield f"{len(notes)} notes"
        return
    for number, (found, note) in enumerate(zip(notes, solo.notes, strict=True), 1):
        if found.pitch.midi != note.pitch:
            yield f"note {number} has pitch {found.pitch.midi}"
        if abs(_ticks(found.offset) - note.onset) > MAX_SHIFT:
            yield f"note {number} begins at {_ticks(found.offset)}"


def _symbol_mismatches(line: Any, solo: Solo) -> Iterator[str]:
    """Differences in positions, roots and basses of chord symbols."""
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

"""MIDI: a solo and its chords as a type-1 file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqgen_jazz.instruments import instrument
from seqgen_jazz.solo import TICKS_PER_QUARTER
from seqgen_jazz.writing.voicing import voicing

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart
    from seqgen_jazz.solo import Solo

TICKS = 480  # a quarter note in the file
_SCALE = TICKS // TICKS_PER_QUARTER
_PIANO = 0
_SOLO_VELOCITY, _COMPING_VELOCITY = 90, 50


def midi_bytes(solo: Solo) -> bytes:
    """A type-1 MIDI file: the solo, then block chords, each on a channel and program of its own.

    Tempo, meters and one marker for each chord symbol stand in the first track.
    """
    from symusic import Score, Tempo, TextMeta, TimeSignature, Track

    player = instrument(solo.instrument)
    score = Score(TICKS)
    score.tempos.append(Tempo(0, solo.tempo))
    for tick, (upper, lower) in _meters(solo.chart):
        score.time_signatures.append(TimeSignature(tick * _SCALE, upper, lower))
    for tick, chord in solo.chart.changes:
        score.markers.append(TextMeta(tick * _SCALE, chord.text))
    line = Track(solo.title or f"Solo ({player.name})", player.program, False)
    line.notes.extend(
        _note(note.onset, note.duration, note.pitch, _SOLO_VELOCITY) for note in solo.notes
    )
    chords = Track("Chords", _PIANO, False)
    chords.notes.extend(
        _note(start, end - start, pitch, _COMPING_VELOCITY)
        for start, end, pitches in comping(solo.chart)
        for pitch in pitches
    )
    score.tracks.extend([line, chords])
    written: bytes = score.dumps_midi()
    return written


def comping(chart: Chart) -> list[tuple[int, int, tuple[int, ...]]]:
    """The chords to play as (start, end, pitches): struck at every change and every bar line."""
    strikes = sorted({tick for tick, _ in chart.changes} | set(chart.bar_starts[:-1]))
    played = []
    before: tuple[int, ...] = ()
    for start, end in zip(strikes, [*strikes[1:], chart.ticks], strict=True):
        pitches = voicing(chart.chord_at(start), before)
        if pitches:
            played.append((start, end, pitches))
            before = pitches
    return played


def _note(start: int, length: int, pitch: int, velocity: int) -> Any:
    from symusic import Note

    return Note(start * _SCALE, length * _SCALE, pitch, velocity)


def _meters(chart: Chart) -> list[tuple[int, tuple[int, int]]]:
    """The meters with the ticks at which they begin to hold."""
    found: list[tuple[int, tuple[int, int]]] = []
    for start, bar in zip(chart.bar_starts, chart.bars, strict=False):
        if not found or found[-1][1] != bar.meter:
            found.append((start, bar.meter))
    return found

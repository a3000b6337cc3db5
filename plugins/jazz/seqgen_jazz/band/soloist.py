"""Soloist: how the line is played, with swing in its eighths, accents, a little delay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.band.meter import beat_starts, stretches
from seqgen_jazz.band.note_events import SOLO, draws, late, struck
from seqgen_jazz.band.swing import Clock

if TYPE_CHECKING:
    from seqgen_jazz.encoding.solo import Solo

#: Soloists come late on the beat and together with the drums off it; milliseconds.
ON_BEAT, OFF_BEAT, JITTER = 14.0, 2.0, 4.0
_VELOCITY, _ACCENT, _PEAK = 86, 6, 8


def solo_notes(solo: Solo, ratio: float, seed: int) -> list[tuple[int, int, int, int]]:
    """The line as (start, end, pitch, velocity) in file ticks; no note overlaps the next.

    A beat in which notes begin on its halves alone swings; one that holds triplets or
    sixteenths is played as it stands, for there the line says itself how it swings.
    """
    clock = Clock(solo.chart, solo.tempo, ratio, _plain_beats(solo))
    played: list[tuple[int, int, int, int]] = []
    earliest = 0
    beats = set(beat_starts(solo.chart))
    for number, note in enumerate(solo.notes):
        chance = draws(seed, SOLO, solo.chart.bar_at(note.onset))
        on_beat = note.onset in beats
        behind = late(ON_BEAT if on_beat else OFF_BEAT, JITTER, float(chance[number % 120]))
        start = max(earliest, round(clock.place(note.onset) + clock.ticks(behind)))
        velocity = struck(_loudness(solo, number, on_beat), float(chance[128 + number % 120]))
        end = max(round(clock.place(note.end)), start + 1)
        played.append((start, end, note.pitch, velocity))
        earliest = start + 1
    touching = {note.onset for note in solo.notes} & {note.end for note in solo.notes}
    return [
        _until(one, other if note.end in touching else None, other)
        for note, one, other in zip(solo.notes, played, [*played[1:], None], strict=False)
    ]


def _plain_beats(solo: Solo) -> set[int]:
    """The starts of quarter beats in which a note begins elsewhere than on the halves."""
    plain = set()
    onsets = [note.onset for note in solo.notes]
    beats = [
        pair
        for stretch in stretches(solo.chart)
        for pair in zip(stretch.starts, stretch.lengths, strict=True)
    ]
    place = 0
    for start, length in beats:
        while place < len(onsets) and onsets[place] < start + length:
            if (onsets[place] - start) % 12:
                plain.add(start)
            place += 1
    return plain


def _loudness(solo: Solo, number: int, on_beat: bool) -> float:
    """Off-beats and the tops of a line are louder, as horn players tongue them."""
    notes = solo.notes
    pitch = notes[number].pitch
    before = notes[number - 1].pitch if number else pitch
    after = notes[number + 1].pitch if number + 1 < len(notes) else pitch
    peak = pitch > before and pitch > after
    return _VELOCITY + _ACCENT * (not on_beat) + _PEAK * peak


_Played = tuple[int, int, int, int]


def _until(one: _Played, touched: _Played | None, after: _Played | None) -> _Played:
    """A note that ends where the next one begins, if they touch, and never behind that."""
    start, end, pitch, velocity = one
    if touched is not None:
        end = touched[0]
    elif after is not None:
        end = min(end, after[0])
    return start, end, pitch, velocity

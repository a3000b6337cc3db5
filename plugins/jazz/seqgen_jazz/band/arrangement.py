"""The arrangement of a solo: every part of its performance, the soloist's line as it is played."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, final

from seqgen_jazz.band.band_style import (
    SOLO_STREAM,
    STYLES,
    BandNote,
    Style,
    parse_style,
    shipped_style_text,
    uniforms,
    vary_delay,
    vary_velocity,
)
from seqgen_jazz.band.bass import bass_line
from seqgen_jazz.band.comping import comping, window_for
from seqgen_jazz.band.drums import drums
from seqgen_jazz.band.meter_and_swing import SCALE, Clock, beat_starts, chart_beats
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.encoding.solo import Performance, Solo, find_instrument

#: Soloists are late on the beat and together with the drums off it; milliseconds.
ON_BEAT, OFF_BEAT, JITTER = 14.0, 2.0, 4.0
_VELOCITY, _ACCENT, _PEAK = 86, 6, 8


def perform_line(solo: Solo, ratio: float, seed: int) -> list[tuple[int, int, int, int]]:
    """The line as (start, end, pitch, velocity) in file ticks, without overlaps.

    A beat swings if all its notes begin on its halves; a beat with triplets or sixteenths is
    played as written, because the line contains its own swing there.
    """
    clock = Clock(solo.chart, solo.tempo, ratio, _divided_beats(solo))
    notes, beats = solo.notes, set(beat_starts(solo.chart))
    starts: list[int] = []
    ends: list[int] = []
    velocities: list[int] = []
    for number, note in enumerate(notes):
        chance = uniforms(seed, SOLO_STREAM, solo.chart.bar_at(note.onset))
        on_beat = note.onset in beats
        delay = vary_delay(ON_BEAT if on_beat else OFF_BEAT, JITTER, float(chance[number % 120]))
        earliest = starts[-1] + 1 if starts else 0
        starts.append(max(earliest, round(clock.file_tick(note.onset) + clock.delay_ticks(delay))))
        ends.append(max(round(clock.file_tick(note.end)), starts[-1] + 1))
        loudness = _loudness(solo, number, on_beat)
        velocities.append(vary_velocity(loudness, float(chance[128 + number % 120])))
    for number, (note, following) in enumerate(pairwise(notes)):
        # Notes that touch on the grid touch in the performance.
        if note.end == following.onset or ends[number] > starts[number + 1]:
            ends[number] = starts[number + 1]
    pitches = [note.pitch for note in notes]
    return list(zip(starts, ends, pitches, velocities, strict=True))


def _divided_beats(solo: Solo) -> set[int]:
    """The starts of beats in which a note begins elsewhere than on the halves."""
    divided = set()
    onsets = [note.onset for note in solo.notes]
    index = 0
    for _, start, length in chart_beats(solo.chart):
        while index < len(onsets) and onsets[index] < start + length:
            if (onsets[index] - start) % 12:
                divided.add(start)
            index += 1
    return divided


def _loudness(solo: Solo, number: int, on_beat: bool) -> float:
    """Off-beats and the peaks of a line are louder, as horn players tongue them."""
    notes = solo.notes
    pitch = notes[number].pitch
    before = notes[number - 1].pitch if number else pitch
    after = notes[number + 1].pitch if number + 1 < len(notes) else pitch
    peak = pitch > before and pitch > after
    return _VELOCITY + _ACCENT * (not on_beat) + _PEAK * peak


#: The drum channel of General MIDI, from 0.
DRUM_CHANNEL = 9
_PIANO, _GUITAR, _BASS = 0, 26, 32


@final
class PlayedNote(NamedTuple):
    """A note of a performance: start and end in ticks of 480 per quarter note."""

    start: int
    end: int
    pitch: int
    velocity: int


@final
@dataclass(frozen=True, slots=True)
class Part:
    """A part of a performance.

    Args:
        name: The name of its track.
        channel: MIDI channel from 0.
        program: General MIDI program from 0; ignored for drums.
        notes: Ascending; notes of the same pitch do not overlap.
    """

    name: str
    channel: int
    program: int
    notes: tuple[PlayedNote, ...]


def performance_style(performance: Performance) -> Style:
    """The style by its name, or from its text.

    Raises:
        DataError: The text is not a style.
    """
    return _style(performance.style)


@lru_cache(maxsize=16)
def _style(style: str) -> Style:
    if style in STYLES:
        return parse_style(shipped_style_text(style), f"{style}.toml")
    return parse_style(style, "the style")


def arrange(solo: Solo) -> list[Part]:
    """The parts of the performance of a solo, the solo first.

    Without a ``performance`` it is the line alone, exactly on its grid.
    """
    chart, player, performance = solo.chart, find_instrument(solo.instrument), solo.performance
    name, end = f"Solo ({player.name})", chart.ticks * SCALE
    if performance is None:
        exact = [PlayedNote(n.onset * SCALE, n.end * SCALE, n.pitch, 90) for n in solo.notes]
        return [Part(name, 0, player.program, tuple(exact))]
    style, seed = performance_style(performance), performance.seed
    ratios = style.swing_ratios(performance.swing, solo.tempo)
    line = [PlayedNote(*note) for note in perform_line(solo, ratios.solo, seed)]
    parts = [Part(name, 0, player.program, resolve_overlaps(line, end))]
    if not performance.band:
        return parts
    clock = Clock(chart, solo.tempo, ratios.band)
    keyboard = ("Piano", 1, _PIANO) if player.program != _PIANO else ("Guitar", 1, _GUITAR)
    comp = _play(comping(chart, style, seed, window_for(player)), clock)
    parts.append(Part(*keyboard, resolve_overlaps(comp, end)))
    if player.name != "bass":
        bass = _monophonic(_play(bass_line(chart, style, seed), clock))
        parts.append(Part("Bass", 2, _BASS, resolve_overlaps(bass, end)))
    kit = _play(drums(chart, style, seed, section_starts(chart, performance.form)), clock)
    parts.append(Part("Drums", DRUM_CHANNEL, 0, resolve_overlaps(kit, end)))
    return parts


def section_starts(chart: Chart, form: int) -> set[int]:
    """The bars at which choruses and sections begin. In a chart without sections a chorus whose
    length is a multiple of eight bars has sections of eight.

    Args:
        chart: All choruses.
        form: The bars of a chorus without a pickup; 0 if unknown.
    """
    chorus = form or len(chart.bars) - chart.pickup
    step = 8 if chorus % 8 == 0 and not chart.sections else chorus
    return set(range(chart.pickup, len(chart.bars), step)) | {bar for bar, _ in chart.section_bars}


def _play(notes: Iterable[BandNote], clock: Clock) -> list[PlayedNote]:
    """The notes with swing and delays."""
    played = []
    for note in notes:
        start = clock.file_tick(note.start, note.swings) + clock.delay_ticks(note.delay)
        end = clock.file_tick(note.end)
        played.append(PlayedNote(round(start), round(end), note.pitch, note.velocity))
    return played


def _monophonic(notes: list[PlayedNote]) -> list[PlayedNote]:
    """The notes of a line, each ending at the latest when the next one begins."""
    cut = [one._replace(end=min(one.end, other.start)) for one, other in pairwise(notes)]
    return cut + notes[-1:]


def resolve_overlaps(notes: Iterable[PlayedNote], end: int) -> tuple[PlayedNote, ...]:
    """The notes in order, within 0 and ``end``. A note ends when its pitch is struck again; of
    two notes of a pitch at one tick the louder is kept."""
    by_pitch: dict[int, list[PlayedNote]] = defaultdict(list)
    for note in notes:
        start = min(max(0, note.start), end - 1)
        stop = min(max(note.end, start + 1), end)
        by_pitch[note.pitch].append(note._replace(start=start, end=stop))
    kept: list[PlayedNote] = []
    for same in by_pitch.values():
        following: PlayedNote | None = None
        for note in sorted(same, key=lambda one: (-one.start, -one.velocity)):
            if following is not None and following.start == note.start:
                continue
            if following is not None:
                note = note._replace(end=min(note.end, following.start))
            kept.append(note)
            following = note
    return tuple(sorted(kept))

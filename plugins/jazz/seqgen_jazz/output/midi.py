"""MIDI: a solo and its band as a type-1 file that any sequencer opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.band.arrangement import DRUM_CHANNEL, parts, section_starts
from seqgen_jazz.band.meter import beat_lengths
from seqgen_jazz.band.swing import SCALE, TICKS
from seqgen_jazz.charts.key import estimate_key
from seqgen_jazz.encoding.phrase import format_solo_line
from seqgen_jazz.output import smf
from seqgen_jazz.output.spelling import Speller, signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.solo import Solo


def midi_bytes(solo: Solo, receipt: str = "") -> bytes:
    """A type-1 MIDI file: the solo, and with a band its parts, each on its channel and program.

    The first track has the tempo, meters, the key, chord symbols and the parts of the form as
    markers, and two texts: the notes as they stand on the grid (see ``phrase``), from which
    the exact line is read again, and the receipt.

    Args:
        solo: At least one bar long.
        receipt: A line of ASCII text; empty for none.
    """
    end = solo.chart.ticks * SCALE
    tracks = [list(_conductor(solo, receipt))]
    for part in parts(solo):
        track = [smf.text(0, smf.NAME, part.name)]
        if part.channel != DRUM_CHANNEL:
            track.append(smf.program(0, part.channel, part.program))
        for sound in part.sounds:
            track += smf.note(sound.start, sound.end, part.channel, sound.pitch, sound.velocity)
        tracks.append(track)
    return smf.midi_file(tracks, TICKS, end)


def _conductor(solo: Solo, receipt: str) -> Iterator[smf.Event]:
    chart = solo.chart
    yield smf.text(0, smf.NAME, solo.title or chart.title or "Jazz solo")
    yield smf.text(0, smf.TEXT, format_solo_line(solo))
    if receipt:
        yield smf.text(0, smf.TEXT, receipt)
    yield smf.tempo(0, solo.tempo)
    root, minor = estimate_key(chart)
    yield smf.key(0, signature(root, minor), minor)
    for tick, (upper, unit) in meters(chart):
        yield smf.meter(tick * SCALE, upper, unit, _click(upper, unit))
    for tick, name in form_marks(solo):
        yield smf.text(tick * SCALE, smf.MARKER, name)
    speller = Speller(chart)
    for tick, _ in chart.changes:
        yield smf.text(tick * SCALE, smf.MARKER, speller.symbol(tick))


def _click(upper: int, unit: int) -> int:
    """How far the felt beats of a meter are apart, in 24ths of a quarter; where they are not
    alike, as in 7/8, its unit."""
    lengths = beat_lengths((upper, unit))
    return lengths[0] if len(set(lengths)) == 1 else 96 // unit


def form_marks(solo: Solo) -> list[tuple[int, str]]:
    """Where choruses and their sections begin, as (tick, name); none where nobody said how
    long a chorus is."""
    if solo.performance is None or not solo.performance.form:
        return []
    marks = []
    for bar in sorted(section_starts(solo.chart, solo.performance.form)):
        chorus, into = divmod(bar - solo.chart.pickup, solo.performance.form)
        section = ", ".join(name for at, name in solo.chart.section_bars if at == bar)
        name = f"Chorus {chorus + 1}" + (f", bar {into + 1}" if into and not section else "")
        name += f", section {section}" if section else ""
        marks.append((solo.chart.bar_starts[bar], name))
    return marks


def meters(chart: Chart) -> list[tuple[int, tuple[int, int]]]:
    """The meters with the ticks at which they begin to hold."""
    found: list[tuple[int, tuple[int, int]]] = []
    for start, bar in zip(chart.bar_starts, chart.bars, strict=False):
        if not found or found[-1][1] != bar.meter:
            found.append((start, bar.meter))
    return found

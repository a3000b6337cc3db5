"""Write a solo and its band as a MIDI file of type 1."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from seqgen_jazz.band.arrangement import DRUM_CHANNEL, arrange, section_starts
from seqgen_jazz.band.meter import beat_lengths
from seqgen_jazz.band.swing import SCALE, TICKS
from seqgen_jazz.charts.chart import estimate_key
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.encoding.solo_condition import format_solo_line
from seqgen_jazz.output import smf
from seqgen_jazz.output.spelling import Speller, key_signature


def midi_bytes(solo: Solo, receipt: str = "") -> bytes:
    """A MIDI file of type 1: the solo, and the parts of its band if it has one, each on its own
    channel and program.

    The first track contains tempo, meters and key; chord symbols, choruses and sections as
    markers; and two texts: the notes on the grid (see ``format_solo_line``), from which the
    exact line is read again, and the receipt.

    Args:
        solo: At least one bar long.
        receipt: A line of ASCII text; empty for none.
    """
    tracks = [list(_conductor(solo, receipt))]
    for part in arrange(solo):
        track = [smf.text(0, smf.NAME, part.name)]
        if part.channel != DRUM_CHANNEL:
            track.append(smf.program(0, part.channel, part.program))
        for start, end, pitch, velocity in part.notes:
            track += smf.note(start, end, part.channel, pitch, velocity)
        tracks.append(track)
    return smf.midi_file(tracks, TICKS, solo.chart.ticks * SCALE)


def _conductor(solo: Solo, receipt: str) -> Iterator[smf.Event]:
    chart = solo.chart
    yield smf.text(0, smf.NAME, solo.title or chart.title or "Jazz solo")
    yield smf.text(0, smf.TEXT, format_solo_line(solo))
    if receipt:
        yield smf.text(0, smf.TEXT, receipt)
    yield smf.tempo(0, solo.tempo)
    root, minor = estimate_key(chart)
    yield smf.key(0, key_signature(root, minor), minor)
    meters = [None, *(bar.meter for bar in chart.bars)]
    for tick, (previous, meter) in zip(chart.bar_starts, pairwise(meters), strict=False):
        if meter is not None and meter != previous:
            yield smf.meter(tick * SCALE, *meter, _click(meter))
    for tick, name in form_markers(solo):
        yield smf.text(tick * SCALE, smf.MARKER, name)
    speller = Speller(chart)
    for tick, _ in chart.changes:
        yield smf.text(tick * SCALE, smf.MARKER, speller.symbol(tick))


def _click(meter: tuple[int, int]) -> int:
    """The length of a beat in 24ths of a quarter note; the unit if beats differ, as in 7/8."""
    lengths = beat_lengths(meter)
    return lengths[0] if len(set(lengths)) == 1 else 96 // meter[1]


def form_markers(solo: Solo) -> list[tuple[int, str]]:
    """``(tick, name)`` of the beginnings of choruses and sections; none if the form is unknown."""
    if solo.performance is None or not solo.performance.form:
        return []
    chart, form = solo.chart, solo.performance.form
    markers = []
    for bar in sorted(section_starts(chart, form)):
        chorus, into = divmod(bar - chart.pickup, form)
        section = ", ".join(name for at, name in chart.section_bars if at == bar)
        name = f"Chorus {chorus + 1}" + (f", bar {into + 1}" if into and not section else "")
        name += f", section {section}" if section else ""
        markers.append((chart.bar_starts[bar], name))
    return markers

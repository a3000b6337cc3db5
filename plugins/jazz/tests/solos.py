"""Hypothesis strategies for charts and solos of every kind that can be encoded."""

from __future__ import annotations

from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.encoding.solo import ANY, Instrument, Note, Solo
from seqgen_jazz.harmony.chord_parser import parse_chord

CHORDS = (
    *("C7", "Dm7", "Gmaj7", "F#m7b5", "Ebdim7", "Ab7alt", "Bb7#9", "Asus4"),
    *("B/D#", "Caug", "Em6", "D", "N.C.", "Db13", "C5"),
)
METERS = [
    *((4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (2, 2), (12, 8), (9, 8)),
    *((1, 4), (3, 16), (1, 8)),
]

chords = st.sampled_from(CHORDS).map(parse_chord)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    """A bar with up to four changes at any ticks."""
    bar = Bar((), draw(st.sampled_from(METERS)))
    ticks = draw(st.lists(st.integers(0, bar.ticks - 1), max_size=4, unique=True))
    return Bar(tuple((tick, draw(chords)) for tick in sorted(ticks)), bar.meter)


charts = st.lists(bars(), min_size=1, max_size=9).map(lambda found: Chart(tuple(found)))

#: Common lengths, and any others.
lengths = st.one_of(st.sampled_from([3, 6, 8, 12, 16, 24, 36, 48]), st.integers(1, 300))


@st.composite
def solos(draw: st.DrawFn, instrument: Instrument = ANY) -> Solo:
    """A solo over a random chart, with any gaps, lengths and leaps."""
    chart = draw(charts)
    notes: list[Note] = []
    tick = 0
    for _ in range(draw(st.integers(0, 30))):
        onset = tick + draw(st.one_of(st.just(0), lengths))
        if onset >= chart.ticks:
            break
        length = min(draw(lengths), chart.ticks - onset)
        notes.append(Note(onset, length, draw(st.integers(instrument.low, instrument.high))))
        tick = notes[-1].end
    return Solo(chart, tuple(notes))

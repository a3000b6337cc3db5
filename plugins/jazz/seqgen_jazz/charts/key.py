"""Key: which key the chords of a chart are in, where it does not say so itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
#: How many quarters of chords in the key the first or the last chord as tonic is worth, by
#: share of the chart.
_TONIC = 0.2


def key_of(chart: Chart) -> tuple[int, bool]:
    """The tonic's pitch class and whether the key is minor.

    What the chart says itself; else the key whose scale holds the most chord tones, each chord
    weighed by how long it sounds, where the first and the last chord count more when they can
    be the tonic. Charts without chords are in C.
    """
    if chart.key is not None:
        return chart.key.root, 3 in chart.key.intervals
    ends = [*chart.changes[1:], (chart.ticks, chart.changes[-1][1])]
    spans = [
        (chord, end - start)
        for (start, chord), (end, _) in zip(chart.changes, ends, strict=True)
        if chord.root >= 0
    ]
    if not spans:
        return 0, False
    whole = sum(ticks for _, ticks in spans)

    def score(key: tuple[int, bool]) -> float:
        tonic, minor = key
        scale = scale_of(tonic, minor)
        fit = sum(
            ticks * len(scale & set(chord.chord_tones)) / len(chord.chord_tones)
            for chord, ticks in spans
        )
        for chord in (spans[0][0], spans[-1][0]):
            fit += _TONIC * whole * (chord.root == tonic and (3 in chord.intervals) == minor)
        return fit

    return max(((tonic, minor) for tonic in range(12) for minor in (False, True)), key=score)


def scale_of(tonic: int, minor: bool) -> frozenset[int]:
    """The pitch classes of a key: major, or natural minor."""
    return frozenset((tonic + step) % 12 for step in (_MINOR if minor else _MAJOR))

"""Keys: parse a key, and estimate the key of a chart from its chords."""

from __future__ import annotations

from seqgen import DataError
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.harmony.chord_parser import parse_chord

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
#: Weight of the first and of the last chord when it can be the tonic, as a share of the length of
#: the chart.
_TONIC_WEIGHT = 0.2


def parse_key(text: str) -> Chord:
    """Parse a key such as ``Bb``, ``Dm``, ``D-`` or ``F minor`` to its tonic triad.

    Raises:
        DataError: The text is no major or minor key.
    """
    key = parse_chord(text.replace(" ", ""))
    if key.root < 0 or key.quality not in ("", "m") or key.bass is not None:
        raise DataError(f"a key is a major or minor triad such as Bb or Dm, was {text!r}")
    return key


def estimate_key(chart: Chart) -> tuple[int, bool]:
    """The pitch class of the tonic and whether the key is minor.

    The key that the chart names, if any. Otherwise the key whose scale contains the most chord
    tones, each chord weighted by its duration, with extra weight for a first and a last chord
    that can be the tonic. Charts without chords are in C.
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
    total = sum(ticks for _, ticks in spans)

    def score(key: tuple[int, bool]) -> float:
        tonic, minor = key
        scale = key_scale(tonic, minor)
        fit = sum(
            ticks * len(scale & set(chord.chord_tones)) / len(chord.chord_tones)
            for chord, ticks in spans
        )
        for chord in (spans[0][0], spans[-1][0]):
            is_tonic = chord.root == tonic and (3 in chord.intervals) == minor
            fit += _TONIC_WEIGHT * total * is_tonic
        return fit

    return max(((tonic, minor) for tonic in range(12) for minor in (False, True)), key=score)


def key_scale(tonic: int, minor: bool) -> frozenset[int]:
    """The pitch classes of a key: major or natural minor."""
    return frozenset((tonic + step) % 12 for step in (_MINOR if minor else _MAJOR))

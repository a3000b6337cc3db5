"""The chart of a piece of music: all its bars with their chords, title and tempo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from seqgen import DataError
from seqgen_jazz.charts.bar_ranges import chorus_bars
from seqgen_jazz.charts.bar_text import MOST_TEMPO
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.charts.ireal_link import choose_song
from seqgen_jazz.prompting.phrase_reader import read_phrase
from seqgen_jazz.readers.quantize import whole_chart
from seqgen_jazz.readers.raw_tune import JUMPS, PART_ORDER, bar_ticks
from seqgen_jazz.readers.read_file import MIDI, read_raw

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen_jazz.readers.raw_tune import RawSolo

#: No form of a file is longer, in bars.
_MOST_FORM: Final = 10_000
#: What the readers count -> what is told of it; {} is the number.
_TOLD: Final = {
    JUMPS: "its D.C., D.S. and coda signs are not followed: write such a form out",
    PART_ORDER: "its order of parts (P:) is not followed: write such a form out",
    "files with chords inferred from the accompaniment": "its chords are inferred from its notes",
    "pickups found by the chords": "its pickup is found by its chords",
    "markers that are no chord": "{} of its markers are no chords, left out",
    "bars longer or shorter than their meter": "{} of its bars are longer or shorter than their "
    "meter",
}


def music_chart(path: Path, song: str = "") -> Chart:
    """The chart of a MIDI, MusicXML or ABC file, bars in which the line rests among them. A file
    of this plugin gives the chart that it was played over, once through.

    Args:
        path: The file.
        song: A part of the title, where the file has several tunes.

    Raises:
        DataError: It cannot be read, has no chords, or the song is not told clearly.
    """
    try:
        own = _own_chart(path) if path.suffix.lower() in MIDI else None
        return choose_song([own], song) if own else _chosen(path, song)
    except DataError as error:
        raise error if str(path) in str(error) else DataError(f"{path}: {error}") from error


def _chosen(path: Path, song: str) -> Chart:
    """The chart of the one tune that is meant, among those that have one."""
    read = read_raw(path)
    left_out = list(read.left_out)
    charts = []
    for raw in read.tunes:
        try:
            charts.append(_chart(raw, written=path.suffix.lower() not in MIDI))
        except DataError as error:
            left_out.append((f"tune {raw.title!r}", str(error)))
    why = "; ".join(f"{what}: {reason}" for what, reason in left_out[:3])
    if not charts:
        raise DataError(why if len(left_out) > 1 else left_out[0][1])
    try:
        return choose_song(charts, song)
    except DataError as error:
        raise DataError(f"{error}; left out are {why}" if why else str(error)) from error


def _chart(raw: RawSolo, written: bool) -> Chart:
    """The chart of a tune. What sounds in front of all chords and notes of a recording or an
    export is a count-in; what is written there is a part of the form."""
    begins = [onset for onset, _ in raw.chords] + [note.onset for note in raw.notes]
    chart = whole_chart(raw, 0.0 if written else min(begins, default=0.0))
    passed = len(raw.meters) - len(chart.bars)
    bars = "1 bar" if passed == 1 else f"{passed} bars"
    are = "is" if passed == 1 else "are"
    over = f"{bars} in front of its first chord and note {are} passed over"
    return replace(chart, remarks=(*_remarks(raw.counts), *([over] if passed else [])))


def passed_over(path: Path) -> int:
    """How many ticks of a file its chart leaves out in front: the count-in of a MIDI file.

    Raises:
        DataError: The file cannot be read, or has no chords.
    """
    if path.suffix.lower() not in MIDI or _own_chart(path):
        return 0
    (raw,) = read_raw(path).tunes
    passed = len(raw.meters) - len(_chart(raw, written=False).bars)
    return sum(map(bar_ticks, raw.meters[:passed]))


def _remarks(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(words.format(counts[name]) for name, words in _TOLD.items() if counts.get(name))


def _own_chart(path: Path) -> Chart | None:
    """The chart that a MIDI file of this plugin says it was played over, without its later
    choruses; None for other files, and for those whose notes were changed since."""
    try:
        about = read_phrase(str(path)).about
    except DataError:
        return None  # what is wrong with the file, its reader says
    if not isinstance(about.get("chart"), str):
        return None
    chart = parse_chart(about["chart"])
    tempo = _number(about, "tempo", 1, MOST_TEMPO) or chart.tempo
    title = chart.title or path.stem
    return replace(_first_chorus(chart, about), title=title, tempo=tempo)


def _first_chorus(chart: Chart, about: Mapping[str, Any]) -> Chart:
    """The chart once through; of a chart that is shorter than its form, what there is of it."""
    form = int(_number(about, "form", 1, _MOST_FORM))
    lengths: Sequence[int] = (form, form + chart.pickup) if form else ()
    for bars in lengths:
        sections = tuple((at, name) for at, name in chart.sections if at < bars)
        once = replace(chart, bars=chart.bars[:bars], sections=sections)
        if chorus_bars(once) == form and once.pickup == chart.pickup:
            return once
    held = len(chart.bars) - chart.pickup
    if held >= form:
        return chart
    words = f"its chart is {held} of the {form} bars of its form"
    return replace(chart, remarks=(*chart.remarks, words))


def _number(about: Mapping[str, Any], name: str, low: float, high: float) -> float:
    """A number that a file says of itself; 0 where it says none within the bounds."""
    value: Any = about.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and low <= value <= high else 0.0

"""Chart sources: text, text files, iReal links, and music files with chords."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from seqgen import DataError
from seqgen_jazz.charts.chart_parser import MAX_TEMPO, parse_chart
from seqgen_jazz.options import existing_file, read_text_file
from seqgen_jazz.readers.read_file import MIDI, SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.readers.raw_tune import RawSolo

_MAX_BYTES: Final = 10_000_000
_MAX_CHART: Final = 100_000
_SUFFIXES: Final = (".txt", ".chart", ".html", ".htm", ".url", *SUFFIXES)
#: The longest chorus that a file may state, in bars.
_MAX_FORM: Final = 10_000


def read_chart(source: str, song: str = "") -> tuple[str, Chart]:
    """The text of a chart, and the chart that ``parse_chart`` makes of it.

    Args:
        source: The text, an ``irealb://`` or ``irealbook://`` link, or the name of a file that
            contains either (an exported iReal page is one). Or the name of a MIDI, MusicXML or ABC
            file: all its bars with their chords, title and tempo.
        song: A part of the title, if there are several songs.

    Raises:
        DataError: A file or link cannot be read, or ``song`` does not match exactly one song.
    """
    path = None if _is_chart_text(source) else existing_file(source)
    if path is not None and path.suffix.lower() in SUFFIXES:
        text = music_chart(path, song).sheet
    else:
        text = source if path is None else read_text_file(path, "chart", _MAX_BYTES)
        text = _song_text(text, song)
    try:
        return text, parse_chart(text)
    except DataError as error:
        if path is None and not re.search(r"[|\s]", source.strip()):
            raise DataError(
                f"there is no chart file {source!r}, and as a chart: {error}"
            ) from error
        raise


def _is_chart_text(source: str) -> bool:
    """Whether a source is not the name of an existing file.

    Raises:
        DataError: It looks like the name of a missing file.
    """
    if "|" in source or "\n" in source or "://" in source or len(source) > 250:
        return True
    if existing_file(source) is not None:
        return False
    if source.lower().endswith(_SUFFIXES):
        raise DataError(f"there is no chart file {source!r}")
    return True


def _song_text(text: str, song: str) -> str:
    """The text of a chart; that of the song in text with iReal links."""
    from seqgen_jazz.charts.ireal_link import choose_song, contains_links, read_songs

    if contains_links(text):
        from seqgen_jazz.charts.ireal_chart import ireal_chart

        return ireal_chart(choose_song(read_songs(text), song)).sheet
    if song:
        raise DataError(f"--song {song!r} chooses among iReal songs, but the chart is plain text")
    if len(text) > _MAX_CHART:
        raise DataError(f"the chart is longer than {_MAX_CHART:,} characters: is it a chart?")
    return text


def music_chart(path: Path, song: str = "") -> Chart:
    """The chart of a MIDI, MusicXML or ABC file, including bars in which the line rests. A file of
    this plugin gives the chart that it was played over, one chorus of it.

    Args:
        path: The file.
        song: A part of the title, if the file has several tunes.

    Raises:
        DataError: It cannot be read, has no chords, or ``song`` does not match exactly one tune.
    """
    from seqgen_jazz.charts.ireal_link import choose_song

    try:
        own = _embedded_chart(path) if path.suffix.lower() in MIDI else None
        return choose_song([own], song) if own else _chosen_tune(path, song)
    except DataError as error:
        raise error if str(path) in str(error) else DataError(f"{path}: {error}") from error


def _chosen_tune(path: Path, song: str) -> Chart:
    """The chart of the requested tune, among those that have a chart."""
    from seqgen_jazz.charts.ireal_link import choose_song
    from seqgen_jazz.readers.read_file import read_raw

    read = read_raw(path)
    skipped = list(read.skipped)
    charts = []
    for raw in read.tunes:
        try:
            charts.append(_tune_chart(raw, written=path.suffix.lower() not in MIDI))
        except DataError as error:
            skipped.append((f"tune {raw.title!r}", str(error)))
    reasons = "; ".join(f"{tune}: {reason}" for tune, reason in skipped[:3])
    if not charts:
        raise DataError(reasons if len(skipped) > 1 else skipped[0][1])
    try:
        return choose_song(charts, song)
    except DataError as error:
        raise DataError(f"{error}; skipped: {reasons}" if reasons else str(error)) from error


def _tune_chart(raw: RawSolo, written: bool) -> Chart:
    """The chart of a tune. Bars before all chords and notes are a count-in in a recording or an
    export, and part of the form in written music."""
    from seqgen_jazz.readers.quantize import whole_chart

    onsets = [onset for onset, _ in raw.chords] + [note.onset for note in raw.notes]
    chart = whole_chart(raw, 0.0 if written else min(onsets, default=0.0))
    remarks = [
        text.format(raw.counts[name]) for name, text in _remarks().items() if raw.counts[name]
    ]
    if skipped := len(raw.meters) - len(chart.bars):
        bars = "1 bar" if skipped == 1 else f"{skipped} bars"
        remarks.append(f"{bars} before its first chord and note skipped")
    return replace(chart, remarks=tuple(remarks))


def _remarks() -> Mapping[str, str]:
    """Counters of the readers -> the remark about them; {} is the count."""
    from seqgen_jazz.readers.raw_tune import JUMPS, PART_ORDER

    return {
        JUMPS: "its D.C., D.S. and coda signs are not followed: write such a form out",
        PART_ORDER: "its order of parts (P:) is not followed: write such a form out",
        "files with chords inferred from the accompaniment": "its chords are inferred from its "
        "notes",
        "pickups found by the chords": "its pickup is inferred from its chords",
        "markers that are no chord": "{} of its markers are no chords, skipped",
        "bars longer or shorter than their meter": "{} of its bars are longer or shorter than "
        "their meter",
    }


def count_in_ticks(path: Path) -> int:
    """The ticks of a file before its chart begins: the count-in of a MIDI file.

    Raises:
        DataError: The file cannot be read, or has no chords.
    """
    from seqgen_jazz.readers.raw_tune import bar_ticks
    from seqgen_jazz.readers.read_file import read_raw

    if path.suffix.lower() not in MIDI or _embedded_chart(path):
        return 0
    (raw,) = read_raw(path).tunes
    skipped = len(raw.meters) - len(_tune_chart(raw, written=False).bars)
    return sum(map(bar_ticks, raw.meters[:skipped]))


def _embedded_chart(path: Path) -> Chart | None:
    """The first chorus of the chart that a MIDI file of this plugin was played over; None for other
    files and for those whose notes were changed."""
    from seqgen_jazz.prompting.phrase_reader import read_phrase

    try:
        labels = read_phrase(str(path)).labels
    except DataError:
        return None  # the reader of the file reports what is wrong with it
    if not isinstance(labels.get("chart"), str):
        return None
    chart = parse_chart(labels["chart"])
    tempo = _number(labels, "tempo", 1, MAX_TEMPO) or chart.tempo
    title = chart.title or path.stem
    return replace(_first_chorus(chart, labels), title=title, tempo=tempo)


def _first_chorus(chart: Chart, labels: Mapping[str, Any]) -> Chart:
    """One chorus of a chart; a chart that is shorter than its form as it is."""
    form = int(_number(labels, "form", 1, _MAX_FORM))
    for bars in (form, form + chart.pickup) if form else ():
        sections = tuple((at, name) for at, name in chart.sections if at < bars)
        chorus = replace(chart, bars=chart.bars[:bars], sections=sections)
        if chorus.chorus_bars == form and chorus.pickup == chart.pickup:
            return chorus
    length = len(chart.bars) - chart.pickup
    if length >= form:
        return chart
    remark = f"its chart is {length} of the {form} bars of its form"
    return replace(chart, remarks=(*chart.remarks, remark))


def _number(labels: Mapping[str, Any], name: str, low: float, high: float) -> float:
    """A number that a file states; 0 if it states none within the bounds."""
    value: Any = labels.get(name)
    valid = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if valid and low <= value <= high else 0.0

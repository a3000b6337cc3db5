"""Chart sources: text, text files, iReal links, and music files with chords."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.charts.chart_parser import MAX_TEMPO, parse_chart
from seqgen_jazz.charts.ireal_link import choose_song, contains_links, read_songs
from seqgen_jazz.options import existing_file, read_text_file
from seqgen_jazz.readers.meters_and_measures import bar_ticks
from seqgen_jazz.readers.raw_tune import Count, RawTune, SkippedTune
from seqgen_jazz.readers.read_file import MIDI, SUFFIXES, read_raw

_MAX_BYTES: Final = 10_000_000
_MAX_CHART: Final = 100_000
_SUFFIXES: Final = (".txt", ".chart", ".html", ".htm", ".url", *SUFFIXES)
#: Counters of the readers -> the remark about them; {} is the count.
_REMARKS: Final = {
    Count.JUMPS: "its D.C., D.S. and coda signs are not followed: write such a form out",
    Count.PART_ORDER: "its order of parts (P:) is not followed: write such a form out",
    Count.INFERRED_CHORDS: "its chords are inferred from its notes",
    Count.PICKUPS: "its pickup is inferred from its chords",
    Count.OTHER_MARKERS: "{} of its markers are no chords, skipped",
    Count.ODD_BARS: "{} of its bars do not have the length of its meter",
}
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
    is_text = len(source) > 250 or re.search(r"[|\n]|://", source)
    path = None if is_text else existing_file(source)
    if not path and not is_text and source.lower().endswith(_SUFFIXES):
        raise DataError(f"there is no chart file {source!r}")
    if path is not None and path.suffix.lower() in SUFFIXES:
        text = music_chart(path, song).sheet
    else:
        text = source if path is None else read_text_file(path, "chart", _MAX_BYTES)
        text = _song_text(text, song)
    try:
        return text, parse_chart(text)
    except DataError as error:
        if path or is_text or " " in source.strip():
            raise
        raise DataError(f"there is no chart file {source!r}, and as a chart: {error}") from error


def _song_text(text: str, song: str) -> str:
    """The text of a chart; that of the song in text with iReal links."""
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
    try:
        own = _embedded_chart(path) if path.suffix.lower() in MIDI else None
        return choose_song([own], song) if own else _chosen_tune(path, song)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _chosen_tune(path: Path, song: str) -> Chart:
    """The chart of the requested tune, among those that have a chart."""
    read = read_raw(path, chart_only=True)
    skipped = list(read.skipped)
    charts = []
    for raw in read.tunes:
        try:
            charts.append(_tune_chart(raw, written=path.suffix.lower() not in MIDI))
        except DataError as error:
            skipped.append(SkippedTune.from_error(f"tune {raw.title!r}", error))
    reasons = "; ".join(f"{tune}: {reason}" for tune, reason, _ in skipped[:3])
    if not charts:
        raise DataError(reasons if len(skipped) > 1 else skipped[0][1])
    try:
        return choose_song(charts, song)
    except DataError as error:
        raise DataError(f"{error}; skipped: {reasons}" if reasons else str(error)) from error


def _tune_chart(raw: RawTune, written: bool) -> Chart:
    """The chart of a tune. Bars before all chords and notes are a count-in in a recording or an
    export, and part of the form in written music."""
    from seqgen_jazz.readers.quantize import quantize_chart

    onsets = [onset for onset, _ in raw.chords] + [note.onset for note in raw.notes]
    chart = quantize_chart(raw, 0.0 if written else min(onsets, default=0.0))
    remarks = [text.format(raw.counts[name]) for name, text in _REMARKS.items() if raw.counts[name]]
    if skipped := len(raw.meters) - len(chart.bars):
        bars = "1 bar" if skipped == 1 else f"{skipped} bars"
        remarks.append(f"{bars} before its first chord and note skipped")
    return replace(chart, remarks=tuple(remarks))


def count_in_ticks(path: Path) -> int:
    """The ticks of a file before its chart begins: the count-in of a MIDI file.

    Raises:
        DataError: The file cannot be read, or has no chords.
    """
    if path.suffix.lower() not in MIDI or _embedded_chart(path):
        return 0
    (raw,) = read_raw(path, chart_only=True).tunes
    skipped = len(raw.meters) - len(_tune_chart(raw, written=False).bars)
    return sum(map(bar_ticks, raw.meters[:skipped]))


def _embedded_chart(path: Path) -> Chart | None:
    """The first chorus of the chart that a MIDI file of this plugin was played over; None for other
    files and for those whose notes were changed."""
    from seqgen_jazz.prompting.read_phrase_file import read_phrase

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

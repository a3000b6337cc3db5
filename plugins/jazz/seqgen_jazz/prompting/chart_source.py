"""Where charts come from: text, a file of it, iReal links, or the chords of a piece of music."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from seqgen import DataError
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.paths import named_file
from seqgen_jazz.readers.read_file import SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST: Final = 10_000_000
_LARGEST_CHART: Final = 100_000
_FILES: Final = (".txt", ".chart", ".html", ".htm", ".url", *SUFFIXES)


def source_text(chart: str, song: str = "") -> str:
    """The chart of ``chart`` as text that ``parse_chart`` reads.

    Args:
        chart: The text itself, an ``irealb://`` or ``irealbook://`` link, or the name of a
            file that holds either; a page exported from iReal is one. Or a MIDI, MusicXML or
            ABC file: all its bars with their chords, title and tempo.
        song: Which song, where there are several; a part of its title will do.

    Raises:
        DataError: A file or link cannot be read, or the song is not told clearly.
    """
    from seqgen_jazz.charts.ireal_link import holds_links

    path = None if _is_text(chart) else named_file(chart)
    if path is not None and path.suffix.lower() in SUFFIXES:
        from seqgen_jazz.prompting.chart_from_file import music_chart

        return music_chart(path, song).sheet
    text = chart if path is None else _content(path)
    if holds_links(text):
        return _song_text(text, song)
    if song:
        raise DataError(f"song {song!r} chooses among iReal songs, but the chart is plain text")
    if len(text) > _LARGEST_CHART:
        raise DataError(f"the chart is longer than {_LARGEST_CHART:,} characters: is it a chart?")
    return text


def _is_text(chart: str) -> bool:
    if "|" in chart or "\n" in chart or "://" in chart or len(chart) > 250:
        return True
    if named_file(chart) is not None:
        return False
    if chart.lower().endswith(_FILES):
        raise DataError(f"there is no chart file {chart!r}")
    if " " in chart.strip():
        return True
    try:
        parse_chart(chart)
    except DataError as error:
        raise DataError(f"there is no chart file {chart!r}, and as a chart: {error}") from error
    return True


def _song_text(text: str, song: str) -> str:
    from seqgen_jazz.charts.ireal_chart import ireal_chart
    from seqgen_jazz.charts.ireal_link import choose_song, read_songs

    return ireal_chart(choose_song(read_songs(text), song)).sheet


def _content(path: Path) -> str:
    with path.open("rb") as handle:
        content = handle.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise DataError(f"{path}: longer than {_LARGEST:,} bytes: is this a chart?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8 text; give a chart as a text file") from None

"""Settling: a prompt with nothing left open and no file named, and the setting that it asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import seqgen
from seqgen_jazz.charts.bar_ranges import chorus_bars, repeat
from seqgen_jazz.charts.chart_style import style_for
from seqgen_jazz.encoding.condition import Setting
from seqgen_jazz.encoding.fixed_spans import with_silent_end
from seqgen_jazz.encoding.performance import Playing
from seqgen_jazz.options import BLUES, TEMPOS, JazzPrompt
from seqgen_jazz.paths import named_file
from seqgen_jazz.prompting.phrase_reader import read_phrase

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.phrase import Phrase
    from seqgen_jazz.options import JazzPrompt


def told_of(prompt: JazzPrompt, chart: Chart) -> tuple[str, ...]:
    """Lines for the terminal.

    Args:
        prompt: A settled one.
        chart: All that is played over.
    """
    lines = []
    if prompt.prime:
        lines += [f"of the phrase: {words}" for words in read_phrase(prompt.prime).told]
    if prompt.trade:
        bars = len(chart.bars) - chart.pickup
        asked = bars - prompt.trade
        lines.append(f"{_bars(1, asked)} given, {_bars(asked + 1, bars)} the answer")
    bass = prompt.band and prompt.instrument != "bass"
    if prompt.bass_part and not bass:
        why = "the soloist plays the bass" if prompt.band else "there is no band"
        lines.append(f"the page has a bass part that is not in the MIDI file, for {why}")
    return tuple(lines)


def _bars(first: int, last: int) -> str:
    return f"bars {first}-{last} are" if last > first else f"bar {first} is"


_LARGEST = 100_000
#: What is played where neither the flags nor an earlier result say.
_DEFAULTS = {
    **{"chart": BLUES, "instrument": "tenor-sax", "tempo": 160.0, "style": "swing"},
    **{"swing": "auto", "band_seed": 0, "form": 0, "land": True},
}


def resolve(prompt: JazzPrompt) -> JazzPrompt:
    """The prompt with nothing left open and no file named: their content stands in it.

    Raises:
        DataError: A file cannot be read.
    """
    from seqgen_jazz.charts.chart_parser import parse_chart
    from seqgen_jazz.prompting.chart_source import source_text
    from seqgen_jazz.prompting.phrase_reader import read_phrase
    from seqgen_jazz.prompting.seed_phrase import settled_phrase

    phrase = read_phrase(prompt.from_) if prompt.from_ else None
    about = _about(phrase) if phrase else {}
    chart = source_text(prompt.chart or about.get("chart") or BLUES, prompt.song)
    known = {**_DEFAULTS, **_says(chart), **about, "chart": chart}
    open_values: dict[str, Any] = {
        name: known[name] for name in known if getattr(prompt, name) is None
    }
    settled = replace(prompt, **open_values)
    once = parse_chart(chart)
    prime, played = settled_phrase(prompt, once)
    if played is not once:
        chart = played.sheet
    return replace(
        settled,
        chart=chart,
        song="",
        style=_style_text(settled.style or ""),
        tempo=float(settled.tempo or 0),
        from_=phrase.text if phrase else "",
        prime=prime,
    )


def condition(prompt: JazzPrompt) -> Setting:
    """The setting that a prompt asks for.

    Raises:
        DataError: The chart, or a file, cannot be read, or the phrase does not fit the chart.
    """
    from seqgen_jazz.band.arrangement import style_of
    from seqgen_jazz.charts.chart_parser import parse_chart
    from seqgen_jazz.prompting.seed_phrase import given_parts

    asked = resolve(prompt)
    chart = parse_chart(asked.chart or "")
    form = asked.form or chorus_bars(chart)
    chart, kept = given_parts(asked, repeat(chart, asked.choruses))
    lands = bool(asked.land)
    if lands:
        kept = with_silent_end(kept, chart.ticks)
    playing = Playing(
        asked.style or "",
        asked.swing or "",
        asked.band,
        asked.band_seed or 0,
        form,
        asked.wav,
        asked.picture,
        asked.lyrics,
        asked.bass_part,
        told_of(asked, chart),
    )
    style_of(playing)  # told now rather than when the files are written
    tempo = float(asked.tempo or 0)
    return Setting(chart, asked.instrument or "", tempo, chart.title, playing, kept, lands)


def _says(text: str) -> dict[str, Any]:
    """The tempo and the style that a chart asks for, as far as the band has it."""
    from seqgen_jazz.charts.chart_parser import parse_chart

    chart = parse_chart(text)
    found: dict[str, Any] = {"style": style_for(chart)}
    if chart.tempo is not None:
        low, high = TEMPOS
        found["tempo"] = min(high, max(low, chart.tempo))
    return found


def _about(phrase: Phrase) -> dict[str, Any]:
    """What the file of an earlier result says, as far as a prompt may say it.

    Raises:
        DataError: It says something that no prompt may.
    """
    if "chart" not in phrase.about:
        raise seqgen.DataError(
            "the file to rewrite was not written by this plugin, or its notes were changed since, "
            "or it is the page beside the MIDI file; give that, or --prime to play on from this one"
        )
    for name in ("chart", "style"):
        # The file may come from anybody: no path in it is followed.
        if isinstance(phrase.about.get(name), str) and named_file(phrase.about[name]):
            raise seqgen.DataError(
                f"the file to rewrite names a file as its {name}; give that to --{name} yourself"
            )
    try:
        JazzPrompt(**phrase.about)
    except (TypeError, ValueError, seqgen.SeqgenError) as error:
        raise seqgen.DataError(f"the file to rewrite is damaged: {error}") from None
    return phrase.about


def _style_text(style: str) -> str:
    """The name of a shipped style, or the text of a style's file."""
    from seqgen_jazz.band.style import STYLES, read_style

    if style in STYLES or "\n" in style:
        return style
    path = named_file(style)
    if path is None:
        raise seqgen.DataError(
            f"there is no style {style[:200]!r}; known are {', '.join(STYLES)}, or give a TOML file"
        )
    text = _read(path, "style")
    read_style(text, str(path))
    return text + "\n"


def _read(path: Path, what: str) -> str:
    with path.open("rb") as handle:
        content = handle.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise seqgen.DataError(f"{path}: longer than {_LARGEST:,} bytes: is this a {what}?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise seqgen.DataError(f"{path}: not UTF-8 text; give a {what} as a text file") from None

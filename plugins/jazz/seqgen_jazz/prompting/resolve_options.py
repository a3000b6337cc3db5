"""Generation options, resolved to values without files, and their condition and guide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import seqgen
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.encoder import JazzEncoder
from seqgen_jazz.encoding.jazz_guide import JazzGuide, MusicalConstraints
from seqgen_jazz.encoding.solo import Performance, find_instrument
from seqgen_jazz.encoding.solo_condition import NOTHING_FIXED, Phrase, SoloCondition
from seqgen_jazz.options import BLUES, TEMPOS, GenerationOptions, existing_file, read_text_file

_MAX_STYLE_BYTES = 100_000
#: Signs of a chart whose bars and beats are explicit.
_PLACED = re.compile(r"[|\n@]|(?:^|\s)/(?:\s|$)")
#: Values that neither the options nor an earlier result nor the chart determine.
_DEFAULTS = {
    **{"instrument": "tenor-sax", "tempo": 160.0, "swing": "auto", "band_seed": 0},
    **{"form": 0, "land": True},
}


def resolve(options: GenerationOptions) -> GenerationOptions:
    """The options without open values and file names: contents of files replace their names.

    Raises:
        DataError: A file cannot be read.
    """
    from seqgen_jazz.prompting.load_chart import read_chart

    earlier, labels = _earlier_result(options.from_)
    text, chart = read_chart(options.chart or labels.get("chart") or BLUES, options.song)
    known = {**_DEFAULTS, "style": chart.band_style, **labels}
    if chart.tempo is not None and "tempo" not in labels:
        known["tempo"] = min(TEMPOS[1], max(TEMPOS[0], chart.tempo))
    values: dict[str, Any] = {
        name: value for name, value in known.items() if getattr(options, name) is None
    }
    prime, played = "", chart
    if options.prime:
        from seqgen_jazz.prompting.seed_phrase import resolve_seed_phrase

        prime, played = resolve_seed_phrase(options, chart)
    values |= {"chart": text if played is chart else played.sheet, "song": "", "prime": prime}
    values["style"] = _style_text(values.get("style") or options.style or "")
    values["tempo"] = float(values.get("tempo") or options.tempo or 0)
    values["from_"] = earlier.text if earlier else ""
    resolved = replace(options, **values)
    if played is chart:
        vars(resolved)["parsed_chart"] = chart  # fills the cached property
    return resolved


def condition(options: GenerationOptions) -> SoloCondition:
    """The condition of resolved options.

    Raises:
        DataError: The phrase or the bars to keep do not fit the chart.
    """
    from seqgen_jazz.band.arrangement import performance_style

    chorus = options.parsed_chart
    chart, fixed = chorus.repeat(options.choruses), NOTHING_FIXED
    if options.from_ or options.prime:
        from seqgen_jazz.prompting.fixed_spans import fixed_parts

        chart, fixed = fixed_parts(options, chart)
    lands = bool(options.land)
    files = {name: getattr(options, name) for name in ("wav", "picture", "lyrics", "bass_part")}
    performance = Performance(
        style=options.style or "",
        swing=options.swing or "",
        band=options.band,
        seed=options.band_seed or 0,
        form=options.form or chorus.chorus_bars,
        notices=tuple(_notices(options, chart)),
        **files,
    )
    performance_style(performance)  # raises for a damaged style now, not when files are written
    return SoloCondition(
        chart,
        options.instrument or "",
        float(options.tempo or 0),
        chart.title,
        performance,
        fixed.with_silent_end(chart.ticks) if lands else fixed,
        lands,
    )


def guide(encoder: JazzEncoder, options: GenerationOptions, condition: SoloCondition) -> JazzGuide:
    """The guide of one condition: its chart, the range of its instrument and its fixed spans.

    Generation options give a condition for one instrument. A solo of a corpus has "any", so that
    its guide accepts it.
    """
    constraints = MusicalConstraints(
        breathe=round(options.breathe * TICKS_PER_QUARTER),
        guide_tones=options.guide_tones,
        land=condition.lands,
        grid=encoder.on_grid if options.grid is None else options.grid,
        tempo=options.tempo or condition.tempo,
    )
    instrument = find_instrument(condition.instrument)
    return JazzGuide(condition.chart, instrument, condition.fixed, encoder.grammar, constraints)


def _notices(options: GenerationOptions, chart: Chart) -> Iterator[str]:
    """Messages for the user.

    Args:
        options: Resolved options.
        chart: All that is played over.
    """
    bars, chords = options.parsed_chart.bars, len(options.parsed_chart.bars[0].changes)
    if len(bars) == 1 and chords > 1 and not _PLACED.search(options.chart or ""):
        yield f"{chords} chords in one bar; write | between bars"
    if options.prime:
        yield from (f"of the phrase: {notice}" for notice in options.parsed_prime.notices)
    if options.trade:
        last = len(chart.bars) - chart.pickup
        fixed = last - options.trade
        yield f"{_bars(1, fixed)} the phrase, {_bars(fixed + 1, last)} the answer"
    bass = options.band and options.instrument != "bass"
    if options.bass_part and not bass:
        reason = "the soloist plays the bass" if options.band else "there is no band"
        yield f"the notation has a bass part that is not in the MIDI file, because {reason}"


def _bars(first: int, last: int) -> str:
    return f"bars {first}-{last} are" if last > first else f"bar {first} is"


def _earlier_result(source: str) -> tuple[Phrase | None, dict[str, Any]]:
    """The earlier result of ``--from`` and the options that its file stores.

    Raises:
        DataError: It cannot be read, or stores invalid options.
    """
    if not source:
        return None, {}
    from seqgen_jazz.prompting.read_phrase_file import read_phrase

    phrase = read_phrase(source)
    labels = phrase.labels
    if "chart" not in labels:
        raise seqgen.DataError(
            "the file of --from was not written by this plugin, or its notes were changed, or it "
            "is the MusicXML file; use the MIDI file, or --prime to continue this one"
        )
    for name in ("chart", "style"):
        # The file may be untrusted: no path in it is opened.
        if isinstance(labels.get(name), str) and existing_file(labels[name]):
            raise seqgen.DataError(
                f"the file of --from names a file as its {name}; pass that to --{name}"
            )
    try:
        GenerationOptions(**labels)
    except (TypeError, ValueError, seqgen.SeqgenError) as error:
        raise seqgen.DataError(f"the file of --from is damaged: {error}") from None
    return phrase, labels


def _style_text(style: str) -> str:
    """The name of a shipped style, or the text of a style file."""
    from seqgen_jazz.band.band_style import STYLES, parse_style

    if style in STYLES or "\n" in style:
        return style
    path = existing_file(style)
    if path is None:
        raise seqgen.DataError(
            f"there is no style {style[:200]!r}; known are {', '.join(STYLES)}, or use a TOML file"
        )
    text = read_text_file(path, "style", _MAX_STYLE_BYTES)
    parse_style(text, str(path))
    return text + "\n"

"""JazzPrompt: what may be asked of a solo and of the band that plays with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import seqgen
from seqgen_jazz.bars import repeat
from seqgen_jazz.chart_style import style_for
from seqgen_jazz.instruments import INSTRUMENTS
from seqgen_jazz.named import named_file
from seqgen_jazz.playing import Playing
from seqgen_jazz.rules import Rules
from seqgen_jazz.setting import Setting
from seqgen_jazz.solo import TICKS_PER_QUARTER

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen_jazz.phrase import Phrase

#: Twelve bars of blues in F with the changes that jazz players use.
BLUES = "F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7b9 | Gm7 C7"
_LARGEST = 100_000
#: The slowest and the fastest that anything is played, quarter notes a minute.
TEMPOS = (40, 360)
#: What is played where neither the flags nor an earlier result say.
_DEFAULTS = {
    **{"chart": BLUES, "instrument": "tenor-sax", "tempo": 160.0, "style": "swing"},
    **{"swing": "auto", "band_seed": 0, "form": 0},
}


@final
@dataclass(frozen=True)
class JazzPrompt:
    """What to play. What is None comes from the earlier result of ``from_``, or has a default.

    Raises:
        SettingError: A value is out of range; the message shows it and the bound.
    """

    chart: str | None = seqgen.setting(
        None,
        "Chord chart to play over, 'Dm7 | G7 | Cmaj7 | %', an iReal link, a file that holds "
        "either, or a MIDI, MusicXML or ABC file with chords.  [default: 12 bars of blues in F]",
    )
    song: str = seqgen.setting("", "Which song, where the chart's link or file holds several.")
    instrument: str | None = seqgen.setting(
        None,
        "Who plays: sets the range and the MIDI program.  [default: tenor-sax]",
        choices=tuple(INSTRUMENTS),
    )
    tempo: float | None = seqgen.setting(
        None,
        "Quarter notes a minute.  [default: the chart's, or 160]",
        min=TEMPOS[0],
        max=TEMPOS[1],
    )
    choruses: int = seqgen.setting(1, "How many times through the chart.", min=1, max=16)
    style: str | None = seqgen.setting(
        None,
        "How the band plays: swing, bossa, ballad, blues, waltz, or a TOML file of yours.  "
        "[default: as the chart says, or swing]",
    )
    swing: str | None = seqgen.setting(
        None,
        "Long to short eighth: auto goes by the tempo, 0 is even, 2 is a triplet.  [default: auto]",
    )
    band: bool = seqgen.setting(True, "Whether piano, bass and drums play along.")
    band_seed: int | None = seqgen.setting(
        None, "Seeds what the band plays; the same for all samples.  [default: 0]", min=0, max=2**31
    )
    prime: str = seqgen.setting("", "A MIDI or MusicXML file whose phrase the solo begins with.")
    trade: int = seqgen.setting(
        0, "Answer the phrase of --prime with so many bars; 0 plays to the end.", min=0, max=64
    )
    from_: str = seqgen.setting("", "A MIDI file of an earlier result, to rewrite bars of.")
    keep: str = seqgen.setting("", "Bars of the earlier result to keep, such as 1-4,7.")
    redo: str = seqgen.setting("", "Bars of the earlier result to play anew; the others are kept.")
    wav: bool = seqgen.setting(False, "Also write sound, 44.1 kHz 16 bit stereo.")
    picture: bool = seqgen.setting(False, "Also draw a piano roll as PNG.")
    lyrics: bool = seqgen.setting(False, "Put degree and class of each note below the notation.")
    bass_part: bool = seqgen.setting(False, "Put the bass into the notation too.")
    breathe: float = seqgen.setting(
        0.0, "Rest after at most so many quarters; 0 leaves it to the model.", min=0, max=64
    )
    guide_tones: bool = seqgen.setting(
        False, "Notes struck where a chord begins are its third or seventh."
    )
    land: bool = seqgen.setting(False, "The last note is a chord tone.")
    grid: bool = seqgen.setting(
        True, "Notes begin and end on sixteenths or triplets; without it wherever the model says."
    )
    form: int | None = seqgen.setting(
        None, "Bars of one chorus, where the chart is longer.  [default: the chart]", min=0
    )

    def __post_init__(self) -> None:
        from seqgen_jazz.band.feel import parse_swing

        seqgen.check_settings(self)
        parse_swing(self.swing or "auto")
        if 0 < self.breathe < 1:
            raise seqgen.SettingError(
                f"breathe must be 0, or at least 1 quarter, was {self.breathe:g}"
            )
        for flag in ("keep", "redo"):
            if getattr(self, flag) and not self.from_:
                raise seqgen.SettingError(
                    f"{flag} needs an earlier result: give its file with --from"
                )
        if self.from_ and not (self.keep or self.redo):
            raise seqgen.SettingError("--from needs the bars to keep or to redo: --redo 5-6")
        if self.from_ and self.prime:
            raise seqgen.SettingError("--from and --prime both say how the solo begins; give one")
        if self.from_ and self.choruses > 1:
            raise seqgen.SettingError(
                f"--from has its choruses in it; choruses was {self.choruses}: leave it out"
            )
        if self.chart is not None and not self.chart.strip():
            raise seqgen.SettingError("chart is empty; leave --chart out for a blues in F")
        if self.trade and not self.prime:
            raise seqgen.SettingError("trade answers a phrase: give its file with --prime")

    @property
    def rules(self) -> Rules:
        """What the solo is held to beside the grammar."""
        breathe = round(self.breathe * TICKS_PER_QUARTER)
        return Rules(breathe, self.guide_tones, self.land, self.grid)


def settle(prompt: JazzPrompt) -> JazzPrompt:
    """The prompt with nothing left open and no file named: their content stands in it.

    Raises:
        DataError: A file cannot be read.
    """
    from seqgen_jazz.chart_source import source_text
    from seqgen_jazz.phrase import read_phrase

    phrase = read_phrase(prompt.from_) if prompt.from_ else None
    about = _about(phrase) if phrase else {}
    chart = source_text(prompt.chart or about.get("chart") or BLUES, prompt.song)
    known = {**_DEFAULTS, **_says(chart), **about, "chart": chart}
    open_values: dict[str, Any] = {
        name: known[name] for name in known if getattr(prompt, name) is None
    }
    settled = replace(prompt, **open_values)
    return replace(
        settled,
        chart=chart,
        song="",
        style=_style_text(settled.style or ""),
        tempo=float(settled.tempo or 0),
        from_=phrase.text if phrase else "",
        prime=read_phrase(prompt.prime).text if prompt.prime else "",
    )


def condition(prompt: JazzPrompt) -> Setting:
    """The setting that a prompt asks for.

    Raises:
        DataError: The chart, or a file, cannot be read, or the phrase does not fit the chart.
    """
    from seqgen_jazz.band.parts import style_of
    from seqgen_jazz.chart import parse_chart
    from seqgen_jazz.given import given_parts

    asked = settle(prompt)
    chart = parse_chart(asked.chart or "")
    form = asked.form or len(chart.bars)
    chart, kept = given_parts(asked, repeat(chart, asked.choruses))
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
    )
    style_of(playing)  # told now rather than when the files are written
    tempo = float(asked.tempo or 0)
    return Setting(chart, asked.instrument or "", tempo, chart.title, playing, kept)


def _says(text: str) -> dict[str, Any]:
    """The tempo and the style that a chart asks for, as far as the band has it."""
    from seqgen_jazz.chart import parse_chart

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

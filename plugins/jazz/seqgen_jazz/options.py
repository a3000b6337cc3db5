"""The options of the jazz domain: how to read data, and what to generate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, final

import seqgen
from seqgen_jazz.encoding.solo import INSTRUMENTS

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.solo_condition import Phrase

#: Twelve bars of blues in F with the changes that jazz players use.
BLUES = "F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7b9 | Gm7 C7"
#: The slowest and the fastest tempo, in quarter notes per minute.
TEMPOS = (40, 360)


@final
@dataclass(frozen=True)
class GenerationOptions:
    """What to generate. Options that are None come from the earlier result in ``from_``, or have
    a default; ``prompting.resolve`` fills them in.

    Raises:
        SettingError: A value is out of range, or two options conflict.
    """

    chart: str | None = seqgen.setting(
        None,
        "Chord chart to play over: text such as 'Dm7 | G7 | Cmaj7 | %', an iReal link, a file that "
        "contains either, or a MIDI, MusicXML or ABC file with chords.  "
        "[default: 12 bars of blues in F]",
    )
    song: str = seqgen.setting("", "Title of the song, if there are several.", advanced=True)
    instrument: str | None = seqgen.setting(
        None,
        "Instrument of the soloist: sets the range and the MIDI program.  [default: tenor-sax]",
        choices=tuple(INSTRUMENTS),
    )
    tempo: float | None = seqgen.setting(
        None,
        "Tempo in quarter notes per minute.  [default: that of the chart, or 160]",
        min=TEMPOS[0],
        max=TEMPOS[1],
    )
    choruses: int = seqgen.setting(1, "Number of choruses.", min=1, max=16)
    style: str | None = seqgen.setting(
        None,
        "Style of the band: swing, bossa, ballad, blues, waltz, or a TOML file.  "
        "[default: that of the chart, or swing]",
    )
    swing: str | None = seqgen.setting(
        None,
        "Ratio of long to short eighth, 1 to 4; 0 is even, 2 is a triplet, auto depends on the "
        "tempo.  [default: auto]",
        advanced=True,
    )
    band: bool = seqgen.setting(True, "Accompany with piano, bass and drums.", advanced=True)
    band_seed: int | None = seqgen.setting(
        None, "Random seed of the band.  [default: 0]", min=0, max=2**31, advanced=True
    )
    prime: str = seqgen.setting("", "MIDI, MusicXML or ABC file of a phrase to begin with.")
    trade: int = seqgen.setting(
        0, "Number of bars that answer --prime; 0 plays to the end.", min=0, max=64, advanced=True
    )
    from_: str = seqgen.setting("", "MIDI file of an earlier result to change.", advanced=True)
    keep: str = seqgen.setting("", "Bars of --from to keep, such as 1-4,7.", advanced=True)
    redo: str = seqgen.setting("", "Bars of --from to regenerate, such as 5-6.", advanced=True)
    wav: bool = seqgen.setting(False, "Write a WAV file (44.1 kHz, 16 bit, stereo).")
    picture: bool = seqgen.setting(False, "Draw a piano roll as a PNG file.")
    lyrics: bool = seqgen.setting(False, "Notate degree and class of each note.", advanced=True)
    bass_part: bool = seqgen.setting(False, "Add the bass to the notation.", advanced=True)
    breathe: float = seqgen.setting(
        0.0, "Maximum quarter notes without a rest; 0 for no limit.", min=0, max=64, advanced=True
    )
    guide_tones: bool = seqgen.setting(
        False, "Begin chords on their third or seventh, if a note is struck there.", advanced=True
    )
    land: bool | None = seqgen.setting(
        None,
        "End on a chord tone of at least an eighth, followed by a beat of silence.  [default: on]",
        advanced=True,
    )
    grid: bool | None = seqgen.setting(
        None,
        "Restrict notes to sixteenths and triplets.  [default: as in the training data]",
        advanced=True,
    )
    form: int | None = seqgen.setting(
        None, "Bars of one chorus.  [default: those of the chart]", min=0, advanced=True
    )

    def __post_init__(self) -> None:
        from seqgen_jazz.band.meter_and_swing import parse_swing
        from seqgen_jazz.encoding.solo_condition import is_phrase_text

        seqgen.check_settings(self)
        parse_swing(self.swing or "auto")
        blank = self.chart is not None and not self.chart.strip()
        bars, choruses = self.keep or self.redo, self.choruses > 1
        # Earlier receipts combine trade and choruses; their phrase is text, and no file name.
        trades = self.trade and not is_phrase_text(self.prime)
        for name, problem, invalid in (
            ("chart", "is empty; omit it for a blues in F", blank),
            ("breathe", f"must be 0 or >= 1 quarter, was {self.breathe:g}", 0 < self.breathe < 1),
            ("keep" if self.keep else "redo", "requires --from", bars and not self.from_),
            ("from_", "requires --keep or --redo, such as --redo 5-6", self.from_ and not bars),
            ("from_", "cannot be combined with --prime", self.from_ and self.prime),
            ("choruses", "must be 1 with --from", self.from_ and choruses),
            ("trade", "requires --prime", self.trade and not self.prime),
            ("choruses", "must be 1 with --trade", trades and choruses),
        ):
            if invalid:
                raise seqgen.SettingError(f"{name} {problem}", name)

    @cached_property
    def parsed_chart(self) -> Chart:
        """The chart of resolved options, parsed once."""
        from seqgen_jazz.charts.chart_parser import parse_chart

        return parse_chart(self.chart or "")

    @cached_property
    def parsed_prime(self) -> Phrase:
        """The phrase of resolved options, parsed once."""
        from seqgen_jazz.encoding.solo_condition import parse_phrase

        return parse_phrase(self.prime, "the phrase")


@final
@dataclass(frozen=True)
class DataOptions:
    """How to read data.

    Raises:
        SettingError: A value has the wrong type.
    """

    recipe: str = seqgen.setting(
        "",
        "Recipe file of seqgen inspect --recipe: the files, tracks, bars and chords to use.",
        advanced=True,
    )
    where: str = seqgen.setting(
        "",
        "Solos of a Weimar Jazz Database to use, as SQL: \"performer='Charlie Parker'\".",
        advanced=True,
    )

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


def existing_file(value: str) -> Path | None:
    """The file with the name ``value``; None if there is none, or no file can have that name."""
    try:
        path = Path(value)
        return path if path.is_file() else None
    except (OSError, ValueError):  # a name that is too long or contains NUL
        return None


def read_text_file(path: Path, what: str, limit: int) -> str:
    """The text of a file that an option names.

    Args:
        path: The file.
        what: Its content in a word, for errors.
        limit: The most bytes that it may have.

    Raises:
        DataError: It is longer, or not UTF-8.
    """
    with path.open("rb") as handle:
        content = handle.read(limit + 1)
    if len(content) > limit:
        raise seqgen.DataError(f"{path}: longer than {limit:,} bytes: is this a {what}?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise seqgen.DataError(f"{path}: not UTF-8 text; provide a {what} as a text file") from None

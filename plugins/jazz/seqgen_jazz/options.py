"""JazzPrompt: what may be asked of a solo and of the band that plays with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import seqgen
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.instruments import INSTRUMENTS
from seqgen_jazz.encoding.musical_constraints import Rules

#: Twelve bars of blues in F with the changes that jazz players use.
BLUES = "F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7b9 | Gm7 C7"
#: The slowest and the fastest that anything is played, quarter notes a minute.
TEMPOS = (40, 360)


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
    prime: str = seqgen.setting(
        "", "A MIDI, MusicXML or ABC file whose phrase the solo begins with."
    )
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
        0.0,
        "Rest after at most so many quarters of notes; 0 leaves it to the model.",
        min=0,
        max=64,
    )
    guide_tones: bool = seqgen.setting(
        False, "Notes struck where a chord begins are its third or seventh."
    )
    land: bool | None = seqgen.setting(
        None,
        "The last note is a chord tone of an eighth or longer, and a beat of silence follows.  "
        "[default: on]",
    )
    grid: bool | None = seqgen.setting(
        None,
        "Notes begin and end on sixteenths or triplets, or wherever the model says.  "
        "[default: as in the training data]",
    )
    form: int | None = seqgen.setting(
        None, "Bars of one chorus, where the chart is longer.  [default: the chart]", min=0
    )

    def __post_init__(self) -> None:
        from seqgen_jazz.band.swing import parse_swing
        from seqgen_jazz.encoding.phrase import is_phrase_text

        seqgen.check_settings(self)
        parse_swing(self.swing or "auto")
        if 0 < self.breathe < 1:
            raise seqgen.SettingError(
                f"breathe must be 0, or at least 1 quarter, was {self.breathe:g}", "breathe"
            )
        for flag in ("keep", "redo"):
            if getattr(self, flag) and not self.from_:
                raise seqgen.SettingError(
                    f"{flag} needs an earlier result: give its file with --from", flag
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
            raise seqgen.SettingError("chart is empty; leave --chart out for a blues in F", "chart")
        if self.trade and not self.prime:
            raise seqgen.SettingError("trade answers a phrase: give its file with --prime", "trade")
        # Receipts of before this was refused say both; their phrase stands in them as text.
        if self.trade and self.choruses > 1 and not is_phrase_text(self.prime):
            raise seqgen.SettingError(
                "--trade lasts as long as the phrase and its answer; choruses was "
                f"{self.choruses}: leave it out"
            )

    def rules(self, on_grid: bool, tempo: float, lands: bool) -> Rules:
        """What the solo is held to beside the grammar.

        Args:
            on_grid: Whether the training data keep to the grid of rhythm.
            tempo: Quarter notes a minute, where the prompt leaves them open.
            lands: As in the setting: what is held against the default rules may end anywhere.
        """
        breathe = round(self.breathe * TICKS_PER_QUARTER)
        grid = on_grid if self.grid is None else self.grid
        return Rules(breathe, self.guide_tones, lands, grid, self.tempo or tempo)


@final
@dataclass(frozen=True)
class JazzData:
    """How to read data.

    Raises:
        SettingError: A value is of the wrong type.
    """

    recipe: str = seqgen.setting(
        "", "A file of seqgen inspect --recipe: which files, tracks, bars and chords to use."
    )
    where: str = seqgen.setting(
        "", "Which solos of a Weimar Jazz Database to use: \"performer='Charlie Parker'\"."
    )

    def __post_init__(self) -> None:
        seqgen.check_settings(self)

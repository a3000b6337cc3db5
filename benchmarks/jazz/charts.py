"""Charts for generated solos: six of the corpus, six unseen ones, six to choose settings on."""

from __future__ import annotations

from typing import NamedTuple

from seqgen_jazz.options import BLUES


class ChartCase(NamedTuple):
    """A chart and its performance.

    Args:
        name: A description.
        instrument: The instrument of the solo.
        chart: The chart as text.
        choruses: The number of choruses, for solos about as long as those of the corpus.
        known: Whether the shipped corpus has this form, in any key.
    """

    name: str
    instrument: str
    chart: str
    choruses: int
    known: bool = True


_A = "Bbmaj7 G7b9 | Cm7 F7 | Dm7 G7b9 | Cm7 F7 | Fm7 Bb7 | Ebmaj7 Edim7"
_BRIDGE = "D7 | % | G7 | % | C7 | % | F7 | %"
_SONG = "Fm7 | Bbm7 | Eb7 | Abmaj7 | Dbmaj7 | Dm7b5 G7b9 | Cm7 | % | Cm7 | Fm7 | Bb7 | Ebmaj7"

#: Earlier defaults were chosen on these. Most of the real solos are for saxophone or trumpet.
KNOWN = (
    ChartCase("blues in F", "tenor-sax", BLUES, 4),
    ChartCase("minor blues in Bb", "alto-sax",
        "Bbm7 | Ebm7 | Bbm7 | Bb7b9 | Ebm7 | % | Bbm7 | % | Gb7 | F7b9 | Bbm7 | "
        "Cm7b5 F7b9", 4),
    ChartCase("rhythm changes in Bb", "trumpet",
        f"{_A} | Dm7 G7b9 | Cm7 F7 | {_A} | Cm7 F7 | Bb6 | {_BRIDGE} | {_A} | "
        "Cm7 F7 | Bb6", 2),
    ChartCase("song in F minor", "tenor-sax", f"{_SONG} | Am7 | D7 | Gmaj7 | E7b9", 3),
    ChartCase("bossa in G", "trumpet",
        "Gmaj7 | % | Am7 | D7 | Bm7 | E7b9 | Am7 | D7 | Dm7 | G7 | Cmaj7 | F7 | "
        "Bm7 E7b9 | Am7 D7 | Gmaj7 | Am7 D7", 3),
    ChartCase("modal song in C", "alto-sax",
        "Cm7 | % | % | % | Abmaj7 | % | % | % | Ebm7 | % | % | % | Dm7b5 | G7b9 | "
        "Cm7 | %", 3),
)  # fmt: skip

#: No setting was chosen on these. The corpus does not have the last three forms: major thirds
#: with two chords per bar, augmented and altered chords, and triads.
UNSEEN = (
    ChartCase("blues in A", "tenor-sax",
        "A7 | D7 | A7 | Em7 A7 | D7 | Ebdim7 | A7 | C#m7b5 F#7b9 | "
        "Bm7 | E7 | A7 F#7b9 | Bm7 E7", 4),
    ChartCase("bossa in F", "alto-sax",
        "Fmaj7 | Abdim7 | Gm7 | C7 | Fmaj7 | Am7b5 D7b9 | Gm7 | C7b9 | Bbmaj7 | Bbm7 Eb7 | "
        "Am7 | D7b9 | Gm7 | C7 | Fmaj7 | Gm7 C7", 3),
    ChartCase("minor song in D", "trumpet",
        "Dm6 | Em7b5 A7b9 | Dm6 | Am7b5 D7b9 | Gm7 | Em7b5 A7b9 | Dm6 | Bm7b5 | "
        "Bb7 | % | Dm6 | % | Gm7 C7 | Fmaj7 | Em7b5 | A7b9", 3),
    ChartCase("major thirds in E", "tenor-sax",
        "Emaj7 G7 | Cmaj7 Eb7 | Abmaj7 B7 | Emaj7 | Cmaj7 Eb7 | Abmaj7 B7 | Emaj7 G7 | "
        "Cmaj7 | Dm7 G7 | Cmaj7 Eb7 | Abmaj7 | Bbm7 Eb7 | Abmaj7 B7 | Emaj7 | F#m7 | B7", 3,
        known=False),
    ChartCase("altered and augmented chords", "alto-sax",
        "Cmaj7#11 | % | Ebmaj7#5 | % | D7#9 | G7alt | Cm(maj7) | % | Abmaj7#11 | % | "
        "F#7sus4 | B7#5 | Em11 | A7b13 | Dbmaj9 | G7alt", 3, known=False),
    ChartCase("triads, a gospel song in D", "trumpet",
        "D | D/F# | G | G#dim7 | D/A | Bm | E7 | A7sus4 A7 | D | D7 | G | Gm6 | "
        "D/A | A7 | D G/D | D", 3, known=False),
)  # fmt: skip

#: Settings are chosen on these; other forms and keys than in both tables.
CHOOSING = (
    ChartCase("blues in B", "alto-sax",
        "B7 | E7 | B7 | % | E7 | % | B7 | G#7b9 | C#m7 | F#7 | B7 | F#7", 4),
    ChartCase("cycle of fourths in C", "tenor-sax",
        "Dm7 G7 | Cmaj7 | Gm7 C7 | Fmaj7 | Cm7 F7 | Bbmaj7 | Fm7 Bb7 | Ebmaj7 | "
        "Bbm7 Eb7 | Abmaj7 | Am7b5 D7b9 | Gm7 | Em7b5 A7b9 | Dm7 G7 | Cmaj7 | %", 3),
    ChartCase("slow song in G", "trumpet",
        "Gmaj7 | Bm7 E7b9 | Am7 | F7 | Gmaj7 | C7 | Bm7b5 E7b9 | Am7 | Cm7 F7 | Gmaj7 | "
        "Em7 A7 | F#m7b5 B7b9 | Em7 | A7 | Am7 | D7", 3),
    ChartCase("minor bossa in C", "tenor-sax",
        "Cm7 | Am7b5 | Dm7b5 | G7b9 | Cm7 | Bbm7 Eb7 | Abmaj7 | % | Fm7 | Bb7 | Ebmaj7 | "
        "Abmaj7 | Dm7b5 | G7b9 | Cm6 | Dm7b5 G7b9", 3),
    ChartCase("two modes on A", "alto-sax",
        "Am7 | % | % | % | Bbm7 | % | % | % | Am7 | % | % | % | Bm7b5 | E7b9 | Am7 | %", 3),
    ChartCase("vamp in Eb", "trumpet",
        "Ebmaj7 | Ebm7 Ab7 | Dbmaj7 | Dbm7 Gb7 | Bmaj7 | Fm7b5 Bb7b9 | Ebmaj7 | C7b9 | "
        "Fm7 | Db7 | Ebmaj7 | Cm7 | F7 | % | Fm7 | Bb7", 3, known=False),
)  # fmt: skip

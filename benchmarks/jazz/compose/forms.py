"""The forms of the book: common chord progressions in C, and their transposition."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.jazz.compose.harmony import Harmony, fifths_position, harmony

#: Ticks per beat.
BEAT = 24

_RHYTHM_A = "Cmaj7 A7b9 | Dm7 G7 | Em7 A7b9 | Dm7 G7 | Gm7 C7 | Fmaj7 F#dim7 | {}"
_TURN = "Cmaj7 A7b9 | Dm7 G7"
_RHYTHM_LAST_A = _RHYTHM_A.format("Dm7 G7 | C6")
_RHYTHM_BRIDGE = "E7 | E7 | A7 | A7 | D7 | D7 | G7 | G7"
_DORIAN = " | ".join(["Cm7"] * 8)
_UP_A_THIRD = " | ".join(["Ebm7"] * 8)
_MINOR_A = "Cm6 | Dm7b5 G7b9 | Cm6 | Gm7 C7b9 | Fm7 | Dm7b5 G7b9 | {}"
_MINOR_BRIDGE = "Fm7 | Bb7 | Ebmaj7 | Ebmaj7 | Am7b5 | D7b9 | Dm7b5 | G7b9"
_MINOR_LAST_A = _MINOR_A.format("Cm6 Ab7 | Cm6")

#: Each form as bars of one, two or more equally long chords; in C (or C minor).
FORMS = {
    "plain blues": "C7 | F7 | C7 | C7 | F7 | F7 | C7 | C7 | G7 | F7 | C7 | G7",
    "blues": "C7 | F7 | C7 | Gm7 C7 | F7 | F#dim7 | C7 | Em7b5 A7b9 | Dm7 | G7 | C7 A7b9 | Dm7 G7",
    "bebop blues": "Cmaj7 | Bm7b5 E7b9 | Am7 D7 | Gm7 C7 | F7 | Fm7 Bb7 | Em7 A7 | Ebm7 Ab7 | "
    "Dm7 | G7 | Em7 A7b9 | Dm7 G7",
    "minor blues": "Cm7 | Fm7 | Cm7 | C7b9 | Fm7 | Fm7 | Cm7 | Cm7 | Ab7 | G7b9 | Cm7 | Dm7b5 G7b9",
    "dark minor blues": "Cm6 | Dm7b5 G7b9 | Cm6 | Gm7 C7b9 | Fm7 | Bb7 | Cm6 | Ebm7 Ab7 | "
    "Dm7b5 | G7b9 | Cm6 A7 | Dm7b5 G7b9",
    "rhythm": " | ".join((_RHYTHM_A.format(_TURN), _RHYTHM_LAST_A, _RHYTHM_BRIDGE, _RHYTHM_LAST_A)),
    "falling ii-V-I": "Dm7 | G7 | Cmaj7 | Cmaj7 | Cm7 | F7 | Bbmaj7 | Bbmaj7 | "
    "Bbm7 | Eb7 | Abmaj7 | Abmaj7 | Dm7b5 | G7b9 | Cmaj7 A7b9 | Dm7 G7",
    "cycle of fourths": "Dm7 G7 | Cmaj7 | Gm7 C7 | Fmaj7 | Cm7 F7 | Bbmaj7 | Fm7 Bb7 | Ebmaj7 | "
    "Bbm7 Eb7 | Abmaj7 | Am7b5 D7b9 | Gm7 | Em7b5 A7b9 | Dm7 | G7 | Cmaj7",
    "fifths": "Am7 | Dm7 | G7 | Cmaj7 | Fmaj7 | Bm7b5 | E7b9 | Am7 | "
    "Am7 | Dm7 | G7 | Cmaj7 | Bm7b5 | E7b9 | Am7 | A7b9 | "
    "Dm7 | G7 | Cmaj7 | C#dim7 | Dm7 | G7 | Em7 | A7b9 | "
    "Am7 | D7 | G7 | Cmaj7 | Fmaj7 | Bm7b5 E7b9 | Am7 | Bm7b5 E7b9",
    "ballad changes": "Cmaj7 | Em7 A7b9 | Dm7 | Bb7 | Cmaj7 | F7 | Em7b5 | A7b9 | "
    "Dm7 | Fm7 Bb7 | Cmaj7 Am7 | D7 | Bm7b5 | E7b9 | Am7 D7 | Dm7 G7 | "
    "Cmaj7 | Em7 A7b9 | Dm7 | Bb7 | Cmaj7 | F7 | Em7b5 | A7b9 | "
    "Fmaj7 | F#dim7 | Em7 | A7b9 | Dm7 | G7 | C6 A7b9 | Dm7 G7",
    "minor AABA": " | ".join(
        (_MINOR_A.format("Cm6 Am7b5 | Dm7b5 G7b9"), _MINOR_LAST_A, _MINOR_BRIDGE, _MINOR_LAST_A)
    ),
    "gospel sixteen": "C6 | C7 | Fmaj7 | F#dim7 | C6 | A7b9 | D7 | G7 | "
    "C6 | C7 | Fmaj7 | F#dim7 | Em7 A7b9 | Dm7 G7 | C6 F7 | C6 G7",
    "turning thirds": "Cmaj7 | Cmaj7 | Fm7 | Bb7 | Ebmaj7 | Ebmaj7 | Am7 | D7 | "
    "Gmaj7 | Em7 A7b9 | Abmaj7 | Abmaj7 | Dm7b5 | G7b9 | Cmaj7 | Dm7 G7",
    "waltz": "Cmaj7 | Am7 | Dm7 | G7 | Em7 | A7b9 | Dm7 | G7 | "
    "Gm7 | C7 | Fmaj7 | Bb7 | Em7b5 | A7b9 | Dm7 | G7 | "
    "Cmaj7 | Am7 | Dm7 | G7 | Em7 | A7b9 | Dm7 | G7 | "
    "Fmaj7 | F#dim7 | Em7 | A7b9 | Dm7 | G7 | C6 | C6",
    "waltz blues": "Cm7 | Cm7 | Fm7 | Cm7 | Cm7 | C7b9 | Fm7 | Fm7 | Fm7 | Bb7 | Cm7 | Cm7 | "
    "Ab7 | Ab7 | G7b9 | G7b9 | Cm7 | Ab7 | Dm7b5 | G7b9 | Cm7 | Cm7 | Dm7b5 | G7b9",
    "dorian AABA": " | ".join([_DORIAN, _DORIAN, _UP_A_THIRD, _DORIAN]),
    "two modes": "Cm7 | Cm7 | Cm7 | Cm7 | Abmaj7 | Abmaj7 | Abmaj7 | Abmaj7 | "
    "Bbm7 | Bbm7 | Bbm7 | Bbm7 | Dm7b5 | G7b9 | Cm7 | Cm7",
    "bossa": "Cmaj7 | Cmaj7 | Dm7 | G7 | Em7 | A7b9 | Dm7 | G7 | "
    "Cmaj7 | Cmaj7 | Gm7 | C7 | Fmaj7 | Bb7 | Em7 A7b9 | Dm7 G7 | "
    "Abmaj7 | Abmaj7 | Bbm7 | Eb7 | Abmaj7 | Fm7 | Dm7b5 | G7b9 | "
    "Cmaj7 | Cmaj7 | D7 | D7 | Dm7 | G7 | C6 | Dm7 G7",
    "minor bossa": "Cm7 | Am7b5 | Dm7b5 | G7b9 | Cm7 | Bbm7 Eb7 | Abmaj7 | Abmaj7 | "
    "Fm7 | Bb7 | Ebmaj7 | Abmaj7 | Dm7b5 | G7b9 | Cm6 | Dm7b5 G7b9",
}


@dataclass(frozen=True)
class Form:
    """A progression in its key: the bars' chords as (beat in the bar, chord)."""

    bars: tuple[tuple[tuple[int, Harmony], ...], ...]
    meter: int
    tonic: int

    @property
    def beats(self) -> int:
        """Length in beats."""
        return len(self.bars) * self.meter

    def chord_at(self, beat: int) -> Harmony:
        """The chord on a beat; after the end, the form repeats."""
        bar, inside = divmod(beat % self.beats, self.meter)
        return [chord for start, chord in self.bars[bar] if start <= inside][-1]


def build_form(name: str, key: str, meter: int = 4) -> Form:
    """A form of ``FORMS`` in a key; the chords of a bar have equal lengths."""
    fifths = fifths_position(key)
    bars = []
    for bar in FORMS[name].split("|"):
        symbols = bar.split()
        width = meter // len(symbols)
        bars.append(tuple((i * width, harmony(s, fifths)) for i, s in enumerate(symbols)))
    return Form(tuple(bars), meter, fifths * 7 % 12)

"""JazzGuide: which tokens may come next, so that every line that ends is a playable solo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from seqgen import RowGuide
from seqgen_jazz.grammar import (
    FIRST_DURATION,
    FIRST_REFERENCE,
    OCTAVE_DOWN,
    OCTAVE_UP,
    REST,
    SYMBOLS,
    TIE,
    WIDEST,
    durations_that_fit,
    pitch_token,
)
from seqgen_jazz.line import RESTING, START, Line, Phase, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen_jazz.chart import Chart
    from seqgen_jazz.instruments import Instrument
    from seqgen_jazz.kept import Kept

_END = len(SYMBOLS)
#: Marks the key of a mask with one token, beside the phases and -1.
_GIVEN = -2


@final
class JazzGuide(RowGuide[Place]):
    """Allows exactly what the encoder writes for solos over one chart in one range.

    Notes lie in the range, classes are true to the chord that sounds, octave moves are the
    fewest, lengths are written in their one form and fill the chart to its last tick, where
    alone the line may end. There are no dead ends: an octave move is allowed only when a
    note of the range lies beyond it, and a tie only when time is left.

    Args:
        chart: What is played over.
        instrument: Whose range is kept.
        kept: The parts of the line that are given, whatever their range: there it allows the
            one token that goes on with them. The model reads them as it reads all others.
    """

    def __init__(self, chart: Chart, instrument: Instrument, kept: Kept | None = None) -> None:
        self._line, self._kept = Line(chart, kept.seams if kept else ()), kept
        self._low, self._high = instrument.low, instrument.high
        # Pure caches: a mask depends on its key alone.
        self._masks: dict[tuple[int, ...], NDArray[np.bool_]] = {}
        self.max_tokens = self._bound()

    def row_start(self) -> Place:
        return START

    def row_advance(self, state: Place, token: int) -> Place:
        return state if token == _END else self._line.step(state, token)

    def row_context(self, state: Place) -> tuple[int, ...]:
        return self._line.context(state.tick, state.reference)

    def row_allowed(self, state: Place) -> NDArray[np.bool_]:
        given = self._kept.token(self._line, state) if self._kept else None
        key = self._key(state) if given is None else (_GIVEN, given)
        mask = self._masks.get(key)
        if mask is None:
            mask = self._masks[key] = self._mask(self._tokens(key))
        return mask

    def _key(self, place: Place) -> tuple[int, ...]:
        """All that the allowed tokens depend on."""
        tick, reference, phase, pitch, room = place
        left = self._line.left(tick)
        if phase >= Phase.LENGTH:
            return Phase.LENGTH, durations_that_fit(min(room, left))
        if left == 0:
            return (-1,)
        return (
            phase,
            self._line.chord_number(tick),
            reference,
            pitch == RESTING,
            room > 0,
        )

    def _tokens(self, key: tuple[int, ...]) -> list[int]:
        if key[0] == -1:
            return [_END]
        if key[0] == _GIVEN:
            return [key[1]]
        if key[0] == Phase.LENGTH:
            return list(range(FIRST_DURATION, FIRST_DURATION + key[1]))
        phase, chord, reference, resting, tied = key
        tokens = self._pitches(chord, reference, Phase(phase))
        if phase != Phase.DOWN and reference + WIDEST < self._high:
            tokens.append(OCTAVE_UP)
        if phase != Phase.UP and reference - WIDEST > self._low:
            tokens.append(OCTAVE_DOWN)
        if phase == Phase.EVENT:
            tokens += [REST] * (not resting) + [TIE] * tied
        return tokens

    def _pitches(self, chord: int, reference: int, phase: Phase) -> list[int]:
        """The pitch tokens of all notes in range that one interval reaches."""
        classes = self._line.classes_of_chord(chord)
        first = 1 if phase is Phase.UP else -WIDEST
        last = -1 if phase is Phase.DOWN else WIDEST
        low, high = max(self._low, reference + first), min(self._high, reference + last)
        return [pitch_token(classes[p % 12], p - reference) for p in range(low, high + 1)]

    def _mask(self, tokens: list[int]) -> NDArray[np.bool_]:
        import numpy as np

        mask = np.zeros(_END + 1, dtype=bool)
        mask[tokens] = True
        mask.flags.writeable = False
        return mask

    def _bound(self) -> int:
        """The most tokens a line can take.

        Every tick is won by a duration; before it stands a tie, or a pitch or rest token with
        the octave moves of the widest leap from the range, or from the first reference.
        """
        given = [note.pitch for note in self._kept.notes] if self._kept else []
        lowest = min(self._low, FIRST_REFERENCE, *given)
        highest = max(self._high, FIRST_REFERENCE, *given)
        moves = (highest - lowest - 1) // 12
        return self._line.ticks * (2 + max(moves, 0))


def jazz_guide(encoder: Any, prompt: Any, condition: Any) -> JazzGuide:
    """The guide of one condition, a ``Setting``: its chart, and the range of its instrument.

    A prompt makes a setting for one instrument; a solo that was read from a file has one for
    any, so that its guide accepts it.
    """
    from seqgen_jazz.instruments import instrument

    return JazzGuide(condition.chart, instrument(condition.instrument), condition.kept)

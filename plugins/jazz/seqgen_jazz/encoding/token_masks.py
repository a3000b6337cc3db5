"""Masks: which tokens may come next, once all is known that this depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from seqgen_jazz.encoding.grammar_state import Phase
from seqgen_jazz.encoding.musical_constraints import EVERY, wanted_classes
from seqgen_jazz.encoding.pitch_tokens import WIDEST

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen_jazz.encoding.grammar_state import Line
    from seqgen_jazz.encoding.instruments import Instrument
    from seqgen_jazz.encoding.rhythm_grid import RhythmGrid

#: The kinds of keys, beside those that begin with a phase: the end; a given token; and a
#: duration with the phase, the place in the beat, and the numbers of those that may come.
ENDING: Final = -1
GIVEN: Final = -2
LENGTH: Final = -3


@final
class Masks:
    """The masks of one line.

    Args:
        line: Of the chart that is played over.
        instrument: Whose range is kept.
        grid: What notes keep to; None for nothing.
    """

    def __init__(self, line: Line, instrument: Instrument, grid: RhythmGrid | None) -> None:
        self._line, self._grammar, self._grid = line, line.grammar, grid
        self._low, self._high = instrument.low, instrument.high
        self._wide = instrument.high - instrument.low >= WIDEST
        # A pure cache: a mask depends on its key alone.
        self._known: dict[tuple[int, ...], NDArray[np.bool_]] = {}

    def of(self, key: tuple[int, ...]) -> NDArray[np.bool_]:
        """The allowed tokens ``(V,)``, not to be written to.

        Args:
            key: Begins with a kind of key, or is of a place where an event may begin: its phase,
                the number of its chord, the reference, whether a note, a rest and a tie may
                come, whether the note has to be a chord tone, and whether a guide tone.
        """
        mask = self._known.get(key)
        if mask is None:
            mask = self._known[key] = self._mask(self._tokens(key))
        return mask

    def _tokens(self, key: tuple[int, ...]) -> list[int]:
        grammar = self._grammar
        if key[0] == ENDING:
            return [grammar.end]
        if key[0] == GIVEN:
            return [key[1]]
        if key[0] == LENGTH:
            _, phase, place, *numbers = key
            if self._grid:
                numbers = self._grid.steps(place, numbers, phase == Phase.TIED)
            return [grammar.first_duration + number for number in numbers]
        phase, chord, reference, strikes, rests, ties, lands, changes = key
        tokens: list[int] = []
        if strikes:
            wanted = EVERY
            if self._wide:
                wanted = wanted_classes(self._line.chord_of(chord), bool(lands), bool(changes))
            tokens = self._strikes(chord, reference, Phase(phase), wanted) or self._strikes(
                chord, reference, Phase(phase), EVERY
            )
        if phase == Phase.EVENT:
            tokens += [grammar.rest] * rests + [grammar.tie] * ties
        return tokens

    def _strikes(
        self, chord: int, reference: int, phase: Phase, wanted: frozenset[int]
    ) -> list[int]:
        """Pitch tokens of the wanted notes that one interval reaches, and moves towards others."""
        grammar = self._grammar
        sounding = self._line.chord_of(chord)
        notes = [pitch for pitch in range(self._low, self._high + 1) if pitch % 12 in wanted]
        first = 1 if phase is Phase.UP else -WIDEST
        last = -1 if phase is Phase.DOWN else WIDEST
        tokens = [
            grammar.pitches.token(sounding, reference, pitch)
            for pitch in notes
            if first <= pitch - reference <= last
        ]
        if phase != Phase.DOWN and notes and notes[-1] > reference + WIDEST:
            tokens.append(grammar.octave_up)
        if phase != Phase.UP and notes and notes[0] < reference - WIDEST:
            tokens.append(grammar.octave_down)
        return tokens

    def _mask(self, tokens: list[int]) -> NDArray[np.bool_]:
        import numpy as np

        mask = np.zeros(self._grammar.end + 1, dtype=bool)
        mask[tokens] = True
        mask.flags.writeable = False
        return mask

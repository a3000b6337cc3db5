"""Accidentals: which signs are drawn before the notes of a part, and which as a reminder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from seqgen_jazz.output.spelling import Spelled

_SIGNS: Final = {-1: "flat", 0: "natural", 1: "sharp"}
_ORDER: Final = "FCGDAEB"  # of the sharps in a key signature; flats come from its end


@final
class Accidentals:
    """What holds in a part, bar by bar.

    Args:
        fifths: Sharps of the key signature, below 0 flats; 0 where there is none.
    """

    def __init__(self, fifths: int = 0) -> None:
        signed = _ORDER[:fifths] if fifths >= 0 else _ORDER[fifths:]
        self._key = dict.fromkeys(signed, 1 if fifths > 0 else -1)
        self._holds: dict[tuple[str, int], int] = {}
        self._before: dict[str, set[int]] = {}

    def bar(self) -> None:
        """A bar begins: only the signature holds, but readers remember the bar before."""
        self._before = self._by_letter()
        self._holds = {}

    def _by_letter(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for (step, _), alter in self._holds.items():
            found.setdefault(step, set()).add(alter)
        return found

    def sign(self, note: Spelled) -> tuple[str, bool] | None:
        """The sign before a note that is struck, and whether it is only a reminder.

        A reminder stands where the letter was altered in another way just before, in another
        octave or in the bar before. Notes that are tied to one before have no sign.
        """
        step, alter, octave = note
        holds = self._holds.get((step, octave), self._key.get(step, 0))
        needed = holds != alter
        remembered = self._by_letter().get(step) or self._before.get(step) or {alter}
        if needed or ((step, octave) not in self._holds and remembered != {alter}):
            self._holds[step, octave] = alter
            return _SIGNS[alter], not needed
        return None

"""Hit: a note of the band on the grid, before it is given its feel."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@final
class Hit(NamedTuple):
    """A note on the grid of 24 ticks a quarter.

    Args:
        start: Tick of the chart.
        end: The tick up to which it is held.
        pitch: MIDI pitch.
        velocity: 1 to 127, before chance.
        late: Milliseconds behind the beat, chance included.
        swings: Whether swing moves its start.
    """

    start: int
    end: int
    pitch: int
    velocity: int
    late: float = 0.0
    swings: bool = False


#: How much harder an accent is struck than a plain stroke, and how much softer a ghost note.
ACCENTS = {"X": 1.2, "x": 1.0, "o": 0.55}


def struck(velocity: float, chance: float) -> int:
    """A velocity with a little chance in it: up to 7 % either way, within 1 to 127."""
    return max(1, min(127, round(velocity * (1 + 0.14 * (chance - 0.5)))))


def late(plain: float, jitter: float, chance: float) -> float:
    """Milliseconds behind the beat with chance in it."""
    return plain + jitter * (2 * chance - 1)


#: Streams of one seed, one for each part.
COMP, BASS, DRUMS, SOLO, SYNTH = range(5)
_MOST = 256


@lru_cache(maxsize=4096)
def draws(seed: int, part: int, bar: int) -> NDArray[np.float64]:
    """Uniforms in [0, 1), always the same for one bar of one part; shape ``(256,)``, read-only.

    They come from Philox keyed by (seed, part and bar), as the noise of the generation loop
    does: rewriting one bar leaves how all others are played as it was.
    """
    from numpy.random import Generator, Philox

    drawn = Generator(Philox(key=[seed, part << 32 | bar])).random(_MOST)
    drawn.flags.writeable = False
    return drawn

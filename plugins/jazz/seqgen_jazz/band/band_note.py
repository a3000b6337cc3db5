"""A note of the band on the grid, and the random variation of a performance."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@final
class BandNote(NamedTuple):
    """A note on the grid of 24 ticks per quarter note.

    Args:
        start: Tick of the chart.
        end: The tick at which it ends.
        pitch: MIDI pitch.
        velocity: 1 to 127.
        delay: Milliseconds after the beat.
        swings: Whether swing moves its start.
    """

    start: int
    end: int
    pitch: int
    velocity: int
    delay: float = 0.0
    swings: bool = False


def vary_velocity(velocity: float, uniform: float) -> int:
    """A velocity with up to 7 % of variation either way, within 1 to 127."""
    return max(1, min(127, round(velocity * (1 + 0.14 * (uniform - 0.5)))))


def vary_delay(delay: float, jitter: float, uniform: float) -> float:
    """A delay in milliseconds with up to ``jitter`` of variation either way."""
    return delay + jitter * (2 * uniform - 1)


#: Random streams of a seed, one per part.
COMP, BASS, DRUMS, SOLO, SYNTH = range(5)
_DRAWS = 256


@lru_cache(maxsize=4096)
def uniforms(seed: int, part: int, bar: int) -> NDArray[np.float64]:
    """Uniforms in [0, 1) for a bar of a part, always the same; shape ``(256,)``, read-only.

    They are drawn from Philox keyed by seed, part and bar, so a change of one bar leaves the
    performance of all others unchanged.
    """
    from numpy.random import Generator, Philox

    drawn = Generator(Philox(key=[seed, part << 32 | bar])).random(_DRAWS)
    drawn.flags.writeable = False
    return drawn

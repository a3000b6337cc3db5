"""Draws: the uniforms behind the band's choices, a function of (seed, part, bar) alone."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

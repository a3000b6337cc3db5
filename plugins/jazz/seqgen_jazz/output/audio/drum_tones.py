"""Kit: drums of the small synthesiser, from filtered noise and falling sines."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from seqgen_jazz.output.audio.instrument_tones import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: General MIDI note -> (seconds it rings, lowest and highest frequency of its noise, loudness of
#: the noise, frequency of its skin, loudness of the skin).
_DRUMS = {
    36: (0.22, 30, 180, 0.25, 58.0, 1.0),
    37: (0.06, 1200, 6000, 0.55, 820.0, 0.35),
    38: (0.18, 900, 9000, 0.6, 185.0, 0.35),
    42: (0.07, 6000, 14000, 0.5, 0.0, 0.0),
    44: (0.09, 5000, 12000, 0.5, 0.0, 0.0),
    45: (0.35, 60, 300, 0.15, 105.0, 0.8),
    46: (0.5, 5000, 13000, 0.4, 0.0, 0.0),
    49: (1.9, 3000, 14000, 0.5, 0.0, 0.0),
    51: (0.9, 3500, 13000, 0.3, 0.0, 0.0),
    53: (0.9, 4000, 13000, 0.25, 0.0, 0.0),
    82: (0.08, 5000, 13000, 0.4, 0.0, 0.0),
}
#: Sines that no tone is made of, for the ping of a cymbal.
_PING = (3137.0, 4211.0, 5303.0, 6421.0)


@cache
def drum(note: int) -> NDArray[np.float64]:
    """One stroke of a drum at full loudness, within -1 to 1; an unknown one is a side stick."""
    seconds, low, high, hiss, skin, body = _DRUMS.get(note, _DRUMS[37])
    length = round(seconds * RATE)
    at = np.arange(length) / RATE
    noise = np.random.Generator(np.random.Philox(key=[note, 0])).random(length) * 2 - 1
    wave = hiss * _band(noise, low, high) * np.exp(-at * 5 / seconds)
    if skin:
        fall = skin * (1 + 0.6 * np.exp(-at * 40))
        wave += body * np.sin(2 * np.pi * np.cumsum(fall) / RATE) * np.exp(-at * 6 / seconds)
    if note in (51, 53):
        ping = sum(np.sin(2 * np.pi * one * at + one) for one in _PING) / len(_PING)
        wave += (0.5 if note == 53 else 0.3) * ping * np.exp(-at * 14)
    stroke: NDArray[np.float64] = wave / max(1e-9, float(np.abs(wave).max()))
    return stroke


def _band(noise: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """The noise between two frequencies, soft at both edges, at its old loudness."""
    spectrum = np.fft.rfft(noise)
    frequencies = np.maximum(np.fft.rfftfreq(len(noise), 1 / RATE), 1.0)
    # Two octaves from an edge a sixteenth is left: a wall in the spectrum sounds like a machine.
    spectrum *= 1 / (1 + (low / frequencies) ** 2) / (1 + (frequencies / high) ** 2)
    kept: NDArray[np.float64] = np.fft.irfft(spectrum, len(noise))
    return kept / max(1e-9, float(np.abs(kept).max()))

"""The tones of the NumPy synthesizer: instruments from sines and noise, drums from noise."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
Wave = NDArray[np.float64]


@final
class Timbre(NamedTuple):
    """An additive tone.

    Args:
        partials: Loudness of each partial, from the fundamental up.
        attack: Seconds to full loudness.
        decay: Seconds in which a held tone falls to a third; 0 for one that does not decay.
        release: Seconds to silence after its end.
        vibrato: Cents, either way, after a third of a second.
        breath: Share of noise.
        damping: How much faster each partial decays than the one below it.
    """

    partials: tuple[float, ...]
    attack: float
    decay: float
    release: float
    vibrato: float = 0.0
    breath: float = 0.0
    damping: float = 0.0


_REED = Timbre((1, 0.62, 0.45, 0.3, 0.22, 0.13, 0.08, 0.04), 0.018, 0, 0.06, 14, 0.02)
_BRASS = Timbre((1, 0.8, 0.7, 0.5, 0.35, 0.25, 0.16, 0.1, 0.05), 0.022, 0, 0.05, 9, 0.01)
_FLUTE = Timbre((1, 0.28, 0.08, 0.03), 0.035, 0, 0.07, 16, 0.03)
_CLARINET = Timbre((1, 0.05, 0.55, 0.05, 0.3, 0.04, 0.12), 0.02, 0, 0.05, 4, 0.01)
_PIANO = Timbre((1, 0.55, 0.35, 0.22, 0.14, 0.09, 0.05), 0.004, 0.9, 0.12, 0, 0, 0.35)
_GUITAR = Timbre((1, 0.5, 0.3, 0.16, 0.1, 0.05), 0.004, 0.6, 0.08, 0, 0, 0.5)
_VIBES = Timbre((1, 0, 0, 0.35, 0, 0, 0, 0, 0, 0.08), 0.004, 1.6, 0.35, 0, 0, 0.6)
_BASS = Timbre((1, 0.6, 0.3, 0.18, 0.08, 0.04), 0.008, 0.7, 0.07, 0, 0, 0.7)
#: General MIDI program -> timbre.
_TIMBRES = {
    **{0: _PIANO, 11: _VIBES, 26: _GUITAR, 32: _BASS, 56: _BRASS, 57: _BRASS, 59: _CLARINET},
    **{65: _REED, 66: _REED, 67: _REED, 71: _CLARINET, 73: _FLUTE},
}
#: General MIDI note -> (duration in seconds, lowest and highest frequency of the noise, loudness
#: of the noise, frequency of the skin, loudness of the skin).
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
#: Inharmonic frequencies for the ping of a cymbal, and its loudness by drum.
_PING_FREQUENCIES = (3137.0, 4211.0, 5303.0, 6421.0)
_PINGS = {51: 0.3, 53: 0.5}


def instrument_tone(program: int, pitch: int, seconds: float, noise: Wave) -> Wave:
    """A note at full loudness, with its release, within -1 to 1.

    Args:
        program: General MIDI program; an unknown one sounds as a reed.
        pitch: MIDI pitch.
        seconds: The duration of the note.
        noise: White noise within -1 to 1, at least as long as the note, for the breath.
    """
    timbre = _TIMBRES.get(program, _REED)
    at = np.arange(round((seconds + timbre.release) * RATE)) / RATE
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * frequency * at
    if timbre.vibrato:
        depth = timbre.vibrato / 1200 * np.log(2) * np.clip((at - 0.2) / 0.3, 0, 1)
        # The integral of a small sine in pitch is a small cosine in phase.
        phase -= depth * frequency / 5.3 * np.cos(2 * np.pi * 5.3 * at)
    wave = np.zeros(len(at))
    for number, loudness in enumerate(timbre.partials, 1):
        if loudness and number * frequency < 0.45 * RATE:
            partial = loudness * np.sin(number * phase)
            if timbre.damping and number > 1:
                partial *= np.exp(-at * timbre.damping * (number - 1) * 3)
            wave += partial
    wave /= sum(timbre.partials)
    if timbre.breath:
        wave += timbre.breath * noise[: len(at)]
    return wave * _envelope(at, seconds, timbre)


def _envelope(at: Wave, seconds: float, timbre: Timbre) -> Wave:
    """Loudness over time: attack, held or decaying tone, release."""
    shape = np.minimum(1.0, at / timbre.attack)
    if timbre.decay:
        shape = shape * np.exp(-at / timbre.decay)
    envelope: Wave = shape * (1 - np.clip((at - seconds) / timbre.release, 0, 1)) ** 2
    return envelope


@cache
def drum_tone(note: int) -> Wave:
    """A stroke of a drum at full loudness, within -1 to 1; an unknown drum is a side stick."""
    seconds, low, high, hiss, skin, body = _DRUMS.get(note, _DRUMS[37])
    length = round(seconds * RATE)
    at = np.arange(length) / RATE
    noise = np.random.Generator(np.random.Philox(key=[note, 0])).random(length) * 2 - 1
    wave = hiss * _band_pass(noise, low, high) * np.exp(-at * 5 / seconds)
    if skin:
        frequency = skin * (1 + 0.6 * np.exp(-at * 40))
        wave += body * np.sin(2 * np.pi * np.cumsum(frequency) / RATE) * np.exp(-at * 6 / seconds)
    if note in _PINGS:
        sines = sum(np.sin(2 * np.pi * one * at + one) for one in _PING_FREQUENCIES)
        wave += _PINGS[note] * sines / len(_PING_FREQUENCIES) * np.exp(-at * 14)
    stroke: Wave = wave / max(1e-9, float(np.abs(wave).max()))
    return stroke


def _band_pass(noise: Wave, low: float, high: float) -> Wave:
    """The noise between two frequencies, with smooth edges, normalized."""
    spectrum = np.fft.rfft(noise)
    frequencies = np.maximum(np.fft.rfftfreq(len(noise), 1 / RATE), 1.0)
    # A sixteenth two octaves beyond an edge: sharp edges sound artificial.
    spectrum *= 1 / (1 + (low / frequencies) ** 2) / (1 + (frequencies / high) ** 2)
    filtered: Wave = np.fft.irfft(spectrum, len(noise))
    return filtered / max(1e-9, float(np.abs(filtered).max()))

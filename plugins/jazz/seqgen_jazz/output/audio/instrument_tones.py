"""Tones: what each instrument of the small synthesiser sounds like, from sines and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 44_100


@final
class Timbre(NamedTuple):
    """An additive tone.

    Args:
        partials: Loudness of each partial, from the fundamental up.
        attack: Seconds to full loudness.
        decay: Seconds in which a held tone falls to a third; 0 for one that is held up.
        release: Seconds to silence after its end.
        vibrato: Cents, either way, after a third of a second.
        breath: Share of noise.
        fade: How much faster each partial dies than the one below it.
    """

    partials: tuple[float, ...]
    attack: float
    decay: float
    release: float
    vibrato: float = 0.0
    breath: float = 0.0
    fade: float = 0.0


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


def tone(
    program: int, pitch: int, seconds: float, noise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """One note at full loudness, its release included, within -1 to 1.

    Args:
        program: General MIDI program; an unknown one sounds as a reed.
        pitch: MIDI pitch.
        seconds: How long it is held.
        noise: White noise within -1 to 1, at least as long as the note; for the breath.
    """
    timbre = _TIMBRES.get(program, _REED)
    length = round((seconds + timbre.release) * RATE)
    at = np.arange(length) / RATE
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * frequency * at
    if timbre.vibrato:
        depth = timbre.vibrato / 1200 * np.log(2) * np.clip((at - 0.2) / 0.3, 0, 1)
        # The integral of a small sine in pitch is a small cosine in phase.
        phase -= depth * frequency / 5.3 * np.cos(2 * np.pi * 5.3 * at)
    wave = np.zeros(length)
    for number, loudness in enumerate(timbre.partials, 1):
        if loudness and number * frequency < 0.45 * RATE:
            wave += _partial(timbre, number, loudness, phase, at)
    wave /= sum(timbre.partials)
    if timbre.breath:
        wave += timbre.breath * noise[:length]
    return wave * envelope(at, seconds, timbre.attack, timbre.decay, timbre.release)


def _partial(
    timbre: Timbre,
    number: int,
    loudness: float,
    phase: NDArray[np.float64],
    at: NDArray[np.float64],
) -> NDArray[np.float64]:
    wave: NDArray[np.float64] = loudness * np.sin(number * phase)
    if timbre.fade and number > 1:
        wave *= np.exp(-at * timbre.fade * (number - 1) * 3)
    return wave


def envelope(
    at: NDArray[np.float64], seconds: float, attack: float, decay: float, release: float
) -> NDArray[np.float64]:
    """Loudness over time: up, held or dying away, and down to nothing after its end."""
    shape = np.minimum(1.0, at / attack)
    if decay:
        shape = shape * np.exp(-at / decay)
    gone = np.clip((at - seconds) / release, 0, 1)
    faded: NDArray[np.float64] = shape * (1 - gone) ** 2
    return faded

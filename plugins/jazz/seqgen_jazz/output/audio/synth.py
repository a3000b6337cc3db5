"""Synth: the parts of a performance mixed to stereo by NumPy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqgen_jazz.band.arrangement import DRUM_CHANNEL
from seqgen_jazz.band.note_events import SYNTH
from seqgen_jazz.band.swing import TICKS
from seqgen_jazz.output.audio.drum_tones import drum
from seqgen_jazz.output.audio.instrument_tones import RATE, tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from seqgen_jazz.band.arrangement import Part

#: Channel -> (loudness, place from 0 left to 1 right).
_MIX = {0: (0.9, 0.5), 1: (0.75, 0.35), 2: (0.9, 0.55), DRUM_CHANNEL: (0.36, 0.62)}
_TAIL = 1.5  # seconds for the last notes to ring
_PEAK = 0.89  # -1 dB
_LONGEST_NOTE = 30.0  # seconds


def mix(parts: Sequence[Part], tempo: float, ticks: int, room: float = 0.12) -> NDArray[np.int16]:
    """The parts as 16-bit stereo, shape ``(samples, 2)``, at 44.1 kHz.

    Args:
        parts: What sounds.
        tempo: Quarter notes a minute.
        ticks: The length of the piece in file ticks.
        room: How loud the room answers; 0 for none.
    """
    second = TICKS * tempo / 60
    length = round((ticks / second + _TAIL) * RATE)
    stereo = np.zeros((length, 2))
    noise = np.random.Generator(np.random.Philox(key=[0, SYNTH])).random(
        round(_LONGEST_NOTE * RATE)
    )
    noise = noise * 2 - 1
    for part in parts:
        loudness, place = _MIX.get(part.channel, (0.7, 0.5))
        mono = np.zeros(length)
        for sound in part.sounds:
            seconds = min((sound.end - sound.start) / second, _LONGEST_NOTE - 1)
            if part.channel == DRUM_CHANNEL:
                wave = drum(sound.pitch)
            else:
                wave = tone(part.program, sound.pitch, seconds, noise)
            at = round(sound.start / second * RATE)
            end = min(length, at + len(wave))
            # Velocity is heard about as its square.
            mono[at:end] += wave[: end - at] * (sound.velocity / 127) ** 2
        stereo[:, 0] += mono * loudness * np.cos(place * np.pi / 2)
        stereo[:, 1] += mono * loudness * np.sin(place * np.pi / 2)
    if room:
        stereo += room * _room(stereo)
    stereo *= _PEAK / max(1e-9, float(np.abs(stereo).max()))
    rounded: NDArray[np.int16] = np.round(stereo * 32767).astype(np.int16)
    return rounded


def _room(stereo: NDArray[np.float64]) -> NDArray[np.float64]:
    """A few late echoes, other ones on each side, each softer than the one before."""
    wet = np.zeros_like(stereo)
    for side, delays in enumerate(((0.031, 0.047, 0.071, 0.109), (0.029, 0.053, 0.079, 0.113))):
        for number, delay in enumerate(delays):
            shift = round(delay * RATE)
            wet[shift:, side] += 0.7**number * stereo[:-shift, 1 - side]
    return wet

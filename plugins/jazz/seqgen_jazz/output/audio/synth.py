"""The NumPy synthesizer: mixes the parts of a performance to stereo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqgen_jazz.band.arrangement import DRUM_CHANNEL, Part
from seqgen_jazz.band.band_style import SYNTH_STREAM
from seqgen_jazz.band.meter_and_swing import TICKS
from seqgen_jazz.output.audio.synth_tones import RATE, Wave, drum_tone, instrument_tone

#: Channel -> (loudness, position from 0 left to 1 right).
_MIX = {0: (0.9, 0.5), 1: (0.75, 0.35), 2: (0.9, 0.55), DRUM_CHANNEL: (0.36, 0.62)}
_TAIL = 1.5  # seconds for the last notes to ring
_MAX_NOTE = 30.0  # seconds
#: The delays in seconds of the echoes on either side, each softer than the one before.
_ECHOES = ((0.031, 0.047, 0.071, 0.109), (0.029, 0.053, 0.079, 0.113))


def mix(parts: Sequence[Part], tempo: float, ticks: int, reverb: float = 0.12) -> Wave:
    """The parts as stereo at 44.1 kHz, shape ``(samples, 2)``, not normalized.

    Args:
        parts: The parts of the performance.
        tempo: Quarter notes a minute.
        ticks: The length of the piece in file ticks.
        reverb: The loudness of the reverb; 0 for none.
    """
    second = TICKS * tempo / 60
    length = round((ticks / second + _TAIL) * RATE)
    stereo = np.zeros((length, 2))
    generator = np.random.Generator(np.random.Philox(key=[0, SYNTH_STREAM]))
    noise = generator.random(round(_MAX_NOTE * RATE)) * 2 - 1
    for part in parts:
        loudness, position = _MIX.get(part.channel, (0.7, 0.5))
        mono = np.zeros(length)
        for note in part.notes:
            if part.channel == DRUM_CHANNEL:
                wave = drum_tone(note.pitch)
            else:
                seconds = min((note.end - note.start) / second, _MAX_NOTE - 1)
                wave = instrument_tone(part.program, note.pitch, seconds, noise)
            start = round(note.start / second * RATE)
            end = min(length, start + len(wave))
            # Perceived loudness is about the square of the velocity.
            mono[start:end] += wave[: end - start] * (note.velocity / 127) ** 2
        stereo[:, 0] += mono * loudness * np.cos(position * np.pi / 2)
        stereo[:, 1] += mono * loudness * np.sin(position * np.pi / 2)
    if reverb:
        stereo += reverb * _echoes(stereo)
    return stereo


def _echoes(stereo: Wave) -> Wave:
    """A few late echoes, each on the other side of the sound."""
    wet = np.zeros_like(stereo)
    for side, delays in enumerate(_ECHOES):
        for number, delay in enumerate(delays):
            shift = round(delay * RATE)
            wet[shift:, side] += 0.7**number * stereo[:-shift, 1 - side]
    return wet

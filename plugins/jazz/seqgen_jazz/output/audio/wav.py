"""WAV: a performance as a sound file."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import seqgen
from seqgen_jazz.band.arrangement import parts
from seqgen_jazz.band.swing import SCALE
from seqgen_jazz.output.audio import fluidsynth

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen_jazz.encoding.solo import Solo


def write_wav(solo: Solo, path: Path) -> Path:
    """Write a performance, 44.1 kHz 16 bit stereo: by FluidSynth where the command and a
    soundfont are there, else by the synthesiser of this plugin.

    Raises:
        SeqgenError: FluidSynth fails, or the file cannot be written.
    """
    program, font = fluidsynth.command(), fluidsynth.soundfont()
    if program and font:
        from seqgen_jazz.output.midi import midi_bytes

        return seqgen.write_file(path, fluidsynth.render(midi_bytes(solo), font, program))
    return seqgen.write_file(path, synthesised(solo))


def synthesised(solo: Solo) -> bytes:
    """A performance as a WAV file by NumPy alone; the same bytes every time."""
    from seqgen_jazz.output.audio.instrument_tones import RATE
    from seqgen_jazz.output.audio.synth import mix

    samples = mix(parts(solo), solo.tempo, solo.chart.ticks * SCALE)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()

"""WAV: a performance as audio, normalized and without silence at its end."""

from __future__ import annotations

import io
import wave
from typing import Final

import numpy as np

from seqgen import SeqgenError
from seqgen_jazz.band.arrangement import arrange
from seqgen_jazz.band.meter_and_swing import SCALE
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.output.audio import fluidsynth
from seqgen_jazz.output.audio.synth import mix
from seqgen_jazz.output.audio.synth_tones import RATE, Wave

#: The peak of the output, relative to full scale: -1 dBFS.
PEAK: Final = 10 ** (-1 / 20)
#: Sound below this share of the peak, -60 dB, counts as silence.
SILENCE: Final = 10 ** (-60 / 20)
#: Seconds after the last sound, in which it fades out.
_FADE: Final = 0.3


def solo_wav(solo: Solo) -> bytes:
    """A performance as a WAV file, 44.1 kHz 16 bit stereo: by FluidSynth if the program and a
    soundfont are installed, else by the synthesizer of this plugin.

    Raises:
        SeqgenError: FluidSynth fails.
    """
    program, soundfont = fluidsynth.find_program(), fluidsynth.find_soundfont()
    if not program or not soundfont:
        return synthesize(solo)
    from seqgen_jazz.output.midi import midi_bytes

    return encode_wav(decode_wav(fluidsynth.render_midi(midi_bytes(solo), soundfont, program)))


def synthesize(solo: Solo) -> bytes:
    """A performance as a WAV file by NumPy alone; always the same bytes."""
    return encode_wav(mix(arrange(solo), solo.tempo, solo.chart.ticks * SCALE))


def encode_wav(stereo: Wave) -> bytes:
    """Samples of shape ``(samples, 2)`` as a WAV file: the peak at -1 dBFS, no silence at the end.

    It ends 0.3 seconds after the last sample above -60 dB of the peak, with a fade-out.
    """
    levels = np.abs(stereo).max(axis=1)
    peak = float(levels.max(initial=0.0))
    if peak > 0:
        last = int(np.flatnonzero(levels > SILENCE * peak)[-1]) + 1
        stereo = stereo[: last + round(_FADE * RATE)] * (PEAK / peak)
        stereo[last:] *= np.linspace(1, 0, len(stereo) - last)[:, None]
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.round(stereo * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def decode_wav(data: bytes) -> Wave:
    """The samples of a 16 bit stereo WAV file, shape ``(samples, 2)``.

    Raises:
        SeqgenError: It is another kind of file.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            if (file.getnchannels(), file.getsampwidth()) != (2, 2):
                raise SeqgenError("FluidSynth wrote a WAV file that is not 16 bit stereo")
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise SeqgenError(f"FluidSynth wrote no readable WAV file ({error})") from None
    return np.frombuffer(frames, "<i2").reshape(-1, 2).astype(float) / 32768

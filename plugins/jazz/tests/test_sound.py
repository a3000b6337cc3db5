"""Sound: a WAV file that is as long and as loud as the performance, and FluidSynth's errors."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from seqgen_jazz.band.arrangement import Part, Sound
from seqgen_jazz.band.style import DRUMS
from seqgen_jazz.encoding.instruments import INSTRUMENTS
from seqgen_jazz.output.audio import fluidsynth
from seqgen_jazz.output.audio.drum_tones import drum
from seqgen_jazz.output.audio.instrument_tones import RATE, tone
from seqgen_jazz.output.audio.synth import mix
from seqgen_jazz.output.audio.wav import synthesised, write_wav

from seqgen import SeqgenError

from .bands import performed

NOISE = np.random.default_rng(0).random(2 * RATE) * 2 - 1


@pytest.mark.parametrize("program", sorted({i.program for i in INSTRUMENTS.values()}))
def test_a_tone_has_its_pitch_and_ends_in_silence(program: int) -> None:
    heard = tone(program, 57, 1.0, NOISE)
    assert np.abs(heard).max() <= 1.1 and abs(heard[-1]) < 1e-3
    spectrum = np.abs(np.fft.rfft(heard[:RATE]))
    peak = int(spectrum[100:400].argmax()) + 100
    assert abs(peak - 220) <= 3, "A3 is 220 Hz"


@pytest.mark.parametrize("name", DRUMS)
def test_a_drum_dies_away(name: str) -> None:
    stroke = drum(DRUMS[name])
    assert np.abs(stroke).max() == pytest.approx(1)
    quarter = len(stroke) // 4
    assert np.square(stroke[-quarter:]).sum() < 0.1 * np.square(stroke[:quarter]).sum()


def test_a_performance_is_stereo_of_its_length_and_the_same_every_time() -> None:
    solo = performed("waltz", "waltz", tempo=240)
    data = synthesised(solo)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 44_100)
        seconds = file.getnframes() / RATE
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert seconds == pytest.approx(8 * 3 / 4 + 1.5, abs=0.01)
    assert 0.85 < np.abs(samples).max() / 32767 < 0.93, "loud and not clipped"
    assert not np.array_equal(samples[:, 0], samples[:, 1])
    assert synthesised(solo) == data


def test_loudness_follows_velocity_and_silence_is_silent() -> None:
    def loudness(soft: int) -> float:
        """Of a soft note, in its half of a bar, beside a loud one in the other."""
        sounds = (Sound(0, 480, 60, 120), Sound(960, 1440, 60, soft))
        heard = mix([Part("Solo", 0, 66, sounds)], 120, 1920, room=0).astype(float)
        return float(np.abs(heard[RATE:]).max() / np.abs(heard[:RATE]).max())

    assert loudness(60) == pytest.approx(1 / 4, abs=0.05), "as the square of the velocity"
    assert not mix([Part("Solo", 0, 66, ())], 120, 960).any()
    one = mix([Part("A", 0, 66, (Sound(0, 480, 60, 120),))], 120, 960)
    assert one.any() and not one[-RATE // 2 :].any(), "nothing rings for ever"


def test_fluidsynth_is_asked_with_a_soundfont_and_its_errors_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solo = performed("waltz", "waltz", tempo=240)
    font = tmp_path / "a.sf2"
    monkeypatch.setenv(fluidsynth.VARIABLE, str(font))
    with pytest.raises(SeqgenError, match=r"SEQGEN_SOUNDFONT names .* no such soundfont"):
        fluidsynth.soundfont()
    font.write_bytes(b"font")
    assert fluidsynth.soundfont() == font
    program = tmp_path / "fluidsynth"
    # It plays when its last two arguments are the soundfont and a MIDI file.
    program.write_text(
        "#!/bin/sh\nfor last; do before=$this; this=$last; done\n"
        '[ "$(head -c 4 "$this")" = MThd ] || exit 1\n'
        '[ "$(cat "$before")" = font ] || { echo "no font" >&2; exit 1; }\n'
        'while [ "$1" != -F ]; do shift; done; printf RIFF > "$2"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(fluidsynth, "command", lambda: str(program))
    assert write_wav(solo, tmp_path / "solo.wav").read_bytes() == b"RIFF"
    font.write_bytes(b"broken")
    with pytest.raises(SeqgenError, match=r"FluidSynth could not play .*: no font"):
        write_wav(solo, tmp_path / "solo.wav")
    monkeypatch.setattr(fluidsynth, "command", lambda: None)
    assert write_wav(solo, tmp_path / "solo.wav").read_bytes()[8:12] == b"WAVE"

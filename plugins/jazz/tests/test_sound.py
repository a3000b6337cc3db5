"""Audio: a WAV file as long as the performance, normalized, without silence at its end."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from seqgen_jazz.band.arrangement import Part, PlayedNote
from seqgen_jazz.band.band_style import DRUMS
from seqgen_jazz.encoding.solo import INSTRUMENTS, Solo
from seqgen_jazz.output.audio import fluidsynth
from seqgen_jazz.output.audio.synth import mix
from seqgen_jazz.output.audio.synth_tones import RATE, Wave, drum_tone, instrument_tone
from seqgen_jazz.output.audio.wav import SILENCE, decode_wav, encode_wav, solo_wav, synthesize

from seqgen import SeqgenError

from .bands import performed

NOISE = np.random.default_rng(0).random(2 * RATE) * 2 - 1


def peak_dbfs(samples: Wave) -> float:
    """The peak in decibels relative to full scale."""
    return float(20 * np.log10(np.abs(samples).max()))


def seconds_of_silence(samples: Wave) -> float:
    """The duration after the last sample above -60 dB of the peak."""
    levels = np.abs(samples).max(axis=1)
    last = np.flatnonzero(levels > SILENCE * levels.max())[-1]
    return float((len(levels) - 1 - last) / RATE)


@pytest.mark.parametrize("program", sorted({i.program for i in INSTRUMENTS.values()}))
def test_a_tone_has_its_pitch_and_ends_in_silence(program: int) -> None:
    tone = instrument_tone(program, 57, 1.0, NOISE)
    assert np.abs(tone).max() <= 1.1 and abs(tone[-1]) < 1e-3
    spectrum = np.abs(np.fft.rfft(tone[:RATE]))
    peak = int(spectrum[100:400].argmax()) + 100
    assert abs(peak - 220) <= 3, "A3 is 220 Hz"


@pytest.mark.parametrize("name", DRUMS)
def test_a_drum_decays(name: str) -> None:
    stroke = drum_tone(DRUMS[name])
    assert np.abs(stroke).max() == pytest.approx(1)
    quarter = len(stroke) // 4
    assert np.square(stroke[-quarter:]).sum() < 0.1 * np.square(stroke[:quarter]).sum()


def test_the_synthesizer_writes_normalized_stereo_without_silence_at_the_end() -> None:
    solo = performed("waltz", "waltz", tempo=240)
    data = synthesize(solo)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 44_100)
    samples = decode_wav(data)
    assert 8 * 3 / 4 < len(samples) / RATE < 8 * 3 / 4 + 1.8, "8 bars of 3 beats, and the last ring"
    assert peak_dbfs(samples) == pytest.approx(-1, abs=0.05)
    assert seconds_of_silence(samples) <= 0.5
    assert not np.array_equal(samples[:, 0], samples[:, 1])
    assert synthesize(solo) == data, "always the same bytes"


def test_encoding_normalizes_and_cuts_silence() -> None:
    quiet = np.zeros((10 * RATE, 2))
    quiet[:RATE] = 0.1 * np.sin(np.arange(RATE) / 20)[:, None]
    samples = decode_wav(encode_wav(quiet))
    assert len(samples) == pytest.approx(1.3 * RATE, rel=0.01)
    assert peak_dbfs(samples) == pytest.approx(-1, abs=0.05)
    silence = np.zeros((RATE, 2))
    assert len(decode_wav(encode_wav(silence))) == RATE, "silence is left as it is"


def test_loudness_follows_velocity() -> None:
    def loudness(soft: int) -> float:
        """Of a soft note in the second half of a bar, relative to a loud one in the first."""
        notes = (PlayedNote(0, 480, 60, 120), PlayedNote(960, 1440, 60, soft))
        stereo = mix([Part("Solo", 0, 66, notes)], 120, 1920, reverb=0)
        return float(np.abs(stereo[RATE:]).max() / np.abs(stereo[:RATE]).max())

    assert loudness(60) == pytest.approx(1 / 4, abs=0.05), "as the square of the velocity"
    assert not mix([Part("Solo", 0, 66, ())], 120, 960).any()
    one = mix([Part("A", 0, 66, (PlayedNote(0, 480, 60, 120),))], 120, 960)
    assert one.any() and not one[-RATE // 2 :].any(), "all notes end"


@pytest.fixture
def solo() -> Solo:
    return performed("waltz", "waltz", tempo=240)


def test_fluidsynth_renders_midi_with_a_soundfont(
    solo: Solo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font = tmp_path / "a.sf2"
    monkeypatch.setenv(fluidsynth.VARIABLE, str(font))
    with pytest.raises(SeqgenError, match=r"SEQGEN_SOUNDFONT is .* no such soundfont"):
        fluidsynth.find_soundfont()
    font.write_bytes(b"font")
    assert fluidsynth.find_soundfont() == font
    # A quiet performance with seconds of silence after it, as FluidSynth writes it.
    rendered = np.zeros((9 * RATE, 2), "<i2")
    rendered[:RATE] = (3000 * np.sin(np.arange(RATE) / 20))[:, None]
    with wave.open(str(tmp_path / "rendered.wav"), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(rendered.tobytes())
    program = tmp_path / "fluidsynth"
    # It renders if its last two arguments are the soundfont and a MIDI file.
    program.write_text(
        "#!/bin/sh\nfor last; do before=$this; this=$last; done\n"
        '[ "$(head -c 4 "$this")" = MThd ] || exit 1\n'
        '[ "$(cat "$before")" = font ] || { echo "no font" >&2; exit 1; }\n'
        f'while [ "$1" != -F ]; do shift; done; cp {tmp_path}/rendered.wav "$2"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(fluidsynth, "find_program", lambda: str(program))
    samples = decode_wav(solo_wav(solo))
    assert peak_dbfs(samples) == pytest.approx(-1, abs=0.05)
    assert seconds_of_silence(samples) <= 0.5
    assert len(samples) == pytest.approx(1.3 * RATE, rel=0.01)
    font.write_bytes(b"broken")
    with pytest.raises(SeqgenError, match=r"FluidSynth could not play .*: no font"):
        solo_wav(solo)
    monkeypatch.setattr(fluidsynth, "find_program", lambda: None)
    assert solo_wav(solo) == synthesize(solo)


@pytest.mark.parametrize("data", [b"", b"RIFF", encode_wav(np.zeros((9, 2)))[:20]])
def test_a_wav_file_that_cannot_be_read_is_reported(data: bytes) -> None:
    with pytest.raises(SeqgenError, match="FluidSynth wrote no readable WAV file"):
        decode_wav(data)

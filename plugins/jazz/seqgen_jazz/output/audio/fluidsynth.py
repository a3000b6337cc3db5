"""FluidSynth: the program and a soundfont, if both are installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from seqgen import SeqgenError, run_program

#: The environment variable with the path of a soundfont.
VARIABLE: Final = "SEQGEN_SOUNDFONT"
#: The folders of soundfonts in Linux distributions and Homebrew.
_FOLDERS: Final = (
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)


def find_soundfont() -> Path | None:
    """The soundfont of the environment, else the first installed one by name.

    Raises:
        SeqgenError: The environment names a missing file.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise SeqgenError(f"{VARIABLE} is {named!r}, and there is no such soundfont")
        return Path(named)
    for folder in map(Path, _FOLDERS):
        found = sorted(path for path in folder.glob("*.sf[23]") if path.is_file())
        if found:
            return found[0]
    return None


def find_program() -> str | None:
    """The path of the FluidSynth program; None if it is not installed."""
    return shutil.which("fluidsynth")


def render_midi(midi: bytes, soundfont: Path, program: str) -> bytes:
    """A MIDI file as a WAV file, 44.1 kHz 16 bit stereo.

    Raises:
        SeqgenError: FluidSynth fails; the message contains its own.
    """
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "solo.mid", Path(folder) / "solo.wav"
        source.write_bytes(midi)
        call = [program, "-ni", "-q", "-r", "44100", "-O", "s16", "-T", "wav"]
        try:
            run_program(*call, "-F", target, soundfont, source, makes=target, install="FluidSynth")
        except SeqgenError as error:
            message = f"FluidSynth could not play the solo with {soundfont}: {error}"
            raise SeqgenError(message) from None
        return target.read_bytes()

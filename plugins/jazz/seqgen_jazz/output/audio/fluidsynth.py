"""FluidSynth: the command and a soundfont, where the machine has both."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from seqgen import SeqgenError, run_program

#: Names a soundfont in the environment.
VARIABLE: Final = "SEQGEN_SOUNDFONT"
#: Where Linux distributions and Homebrew put soundfonts.
_FOLDERS: Final = (
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)


def soundfont() -> Path | None:
    """The soundfont of the environment, else the first by name that is installed.

    Raises:
        SeqgenError: The environment names a file that is not there.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise SeqgenError(f"{VARIABLE} names {named!r}, and there is no such soundfont")
        return Path(named)
    for folder in map(Path, _FOLDERS):
        found = sorted(path for path in folder.glob("*.sf[23]") if path.is_file())
        if found:
            return found[0]
    return None


def command() -> str | None:
    """The FluidSynth command; None where it is not installed."""
    return shutil.which("fluidsynth")


def render(midi: bytes, font: Path, program: str) -> bytes:
    """A MIDI file as a WAV file, 44.1 kHz 16 bit stereo.

    Raises:
        SeqgenError: FluidSynth fails; the message has what it says.
    """
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "solo.mid", Path(folder) / "solo.wav"
        source.write_bytes(midi)
        call = [program, "-ni", "-q", "-r", "44100", "-O", "s16", "-T", "wav"]
        try:
            run_program(*call, "-F", target, font, source, makes=target, install="FluidSynth")
        except SeqgenError as error:
            raise SeqgenError(f"FluidSynth could not play the solo with {font}: {error}") from None
        return target.read_bytes()

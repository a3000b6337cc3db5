"""The files that solos are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import seqgen
from seqgen_jazz.writing.midi import midi_bytes
from seqgen_jazz.writing.notation import musicxml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from seqgen_jazz.solo import Solo


def write_solos(solos: Sequence[Solo], folder: Path) -> list[Path]:
    """Write ``solo-001.mid`` and ``solo-001.musicxml`` and so on; whole or not at all.

    Args:
        solos: In the order of their numbers.
        folder: Is made when it is not there; nothing outside it is written.

    Raises:
        SeqgenError: The folder cannot be written to.
    """
    paths = []
    for number, solo in enumerate(solos, 1):
        stem = f"solo-{number:03d}"
        paths.append(seqgen.write_file(folder / f"{stem}.mid", midi_bytes(solo)))
        paths.append(seqgen.write_file(folder / f"{stem}.musicxml", musicxml(solo)))
    return paths

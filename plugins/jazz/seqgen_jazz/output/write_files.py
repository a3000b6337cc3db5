"""The files that solos are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import seqgen
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.output.musicxml.score import musicxml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from seqgen_jazz.encoding.solo import Solo


def write_solos(solos: Sequence[Solo], folder: Path, receipts: Sequence[str] = ()) -> list[Path]:
    """Write ``solo-001.mid``, ``solo-001.musicxml`` and so on; each whole or not at all.

    A ``.wav``, and a ``.png`` of the line and one of the first bars of all parts, come with them
    where a solo's ``performance`` asks for them.

    Args:
        solos: In the order of their numbers.
        folder: Is made when it is not there; nothing outside it is written.
        receipts: A line for each solo, which its files keep; empty for none.

    Raises:
        SeqgenError: The folder cannot be written to.
    """
    paths = []
    for number, solo in enumerate(solos):
        receipt = receipts[number] if receipts else ""
        path = folder / f"solo-{number + 1:03d}"
        paths.append(seqgen.write_file(path.with_suffix(".mid"), midi_bytes(solo, receipt)))
        paths.append(seqgen.write_file(path.with_suffix(".musicxml"), musicxml(solo, receipt)))
        if solo.performance is not None and solo.performance.wav:
            from seqgen_jazz.output.audio.wav import write_wav

            paths.append(write_wav(solo, path.with_suffix(".wav")))
        if solo.performance is not None and solo.performance.picture:
            from seqgen_jazz.output.band_png import band_png
            from seqgen_jazz.output.roll_png import piano_roll_png

            paths.append(piano_roll_png(solo, path.with_suffix(".png")))
            paths.append(band_png(solo, path.with_name(f"{path.name}-band.png")))
    return paths

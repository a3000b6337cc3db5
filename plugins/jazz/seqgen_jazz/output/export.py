"""Export solos: the files of a folder, and representations by media type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import seqgen
from seqgen_jazz.encoding.solo import Solo


def write_solos(solos: Sequence[Solo], folder: Path, receipts: Sequence[str] = ()) -> list[Path]:
    """Write ``solo-001.mid``, ``solo-001.musicxml`` and so on, each atomically.

    The ``performance`` of a solo may also request a ``.wav`` file, and ``.png`` pictures of the
    line and of the first bars of all parts.

    Args:
        solos: In the order of their numbers.
        folder: Created if missing; nothing outside it is written.
        receipts: A line per solo, which its files contain; empty for none.

    Raises:
        SeqgenError: The folder cannot be written.
    """
    from seqgen_jazz.output.midi import midi_bytes
    from seqgen_jazz.output.musicxml.score import musicxml

    paths = []
    for number, solo in enumerate(solos):
        receipt, performance = receipts[number] if receipts else "", solo.performance
        files = {".mid": midi_bytes(solo, receipt), ".musicxml": musicxml(solo, receipt)}
        if performance is not None and performance.wav:
            from seqgen_jazz.output.audio.wav import solo_wav

            files[".wav"] = solo_wav(solo)
        if performance is not None and performance.picture:
            from seqgen_jazz.output.piano_roll_png import band_png, piano_roll_png

            files |= {".png": piano_roll_png(solo), "-band.png": band_png(solo)}
        for ending, content in files.items():
            path = folder / f"solo-{number + 1:03d}{ending}"
            paths.append(seqgen.write_file(path, content))
    return paths


def render(solo: Solo) -> Mapping[str, Callable[[], str | bytes]]:
    """The representations of a solo by media type, each computed on demand.

    The piano roll as text and as a picture, and the performance as audio by the synthesizer of
    this plugin, which needs no other program.
    """

    def picture() -> bytes:
        from seqgen_jazz.output.piano_roll_png import piano_roll_png

        return piano_roll_png(solo)

    def audio() -> bytes:
        from seqgen_jazz.output.audio.wav import synthesize

        return synthesize(solo)

    def text() -> str:
        from seqgen_jazz.output.text_roll import describe_performance, text_roll

        return "\n".join([*describe_performance(solo), text_roll(solo)])

    return {"text/plain": text, "image/png": picture, "audio/wav": audio}

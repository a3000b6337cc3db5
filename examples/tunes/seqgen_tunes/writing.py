"""Writer of tunes: ABC and MIDI files, and PDF if a program for it is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import seqgen

BARS = ("|", "|:", ":|", "||", "|1", ":|2")
PROGRAMS = "abcm2ps and Ghostscript (ps2pdf), or LilyPond (with abc2ly)"
# For reproducible bytes: without -dno-point-and-click the PDF contains links to the temporary
# folder, and Ghostscript writes a new random ID into each file's trailer (optional there).
LILYPOND = ("lilypond", "-o", "tune", "-dno-point-and-click")
NUMBER = rb"/ID ?\[<\w{32}><\w{32}>\]\n?"


def abc_text(tune: str, number: int = 1) -> str:
    """A tune as ABC, four bars per line."""
    head = [f"X:{number}", f"T:seqgen {number}", "L:1/8"]
    lines, bars = [""], 0
    for token in tune.split(" "):
        if token[:2] in ("M:", "K:"):
            head.append(token)
            continue
        lines[-1] += f" {token} " if token in BARS else token
        bars += token in BARS and token != "|:"
        if bars == 4 or token in (":|", "||"):
            lines, bars = [*lines, ""], 0
    return "\n".join([*head, *filter(None, map(str.strip, lines))]) + "\n"


def write(tunes: Sequence[str], folder: Path, receipts: Sequence[str]) -> list[Path]:
    """Write one ABC file of all tunes, and for each a MIDI file and, if possible, a PDF."""
    texts = [abc_text(tune, number) for number, tune in enumerate(tunes, start=1)]
    paths = [seqgen.write_file(folder / "tunes.abc", "\n".join(texts))]
    for number, tune in enumerate(tunes, start=1):
        paths.append(seqgen.write_file(folder / f"tune-{number:03}.mid", midi(tune)))
        # LilyPond writes no page for a tune that was cut off before its first note.
        music = any(":" not in token and token not in BARS for token in tune.split(" "))
        if music and (shutil.which("abcm2ps") or shutil.which("lilypond")):
            paths.append(pdf(texts[number - 1], paths[-1].with_suffix(".pdf")))
    return paths


def played(tune: str) -> str:
    """A tune with its repeats expanded, because music21's MIDI ignores them."""
    twice = re.sub(r"\|: ([^:]*) \|1 ([^:]*) :\|2", r"\1 | \2 | \1 |", tune)
    twice = re.sub(r"\|: ([^:]*) :\|", r"\1 | \1 |", twice)
    return " ".join("|" if token in BARS else token for token in twice.split(" "))


def midi(tune: str) -> bytes:
    """The tune as MIDI, with repeats, by music21."""
    from music21 import converter, midi

    score = converter.parseData(abc_text(played(tune)), format="abc")
    return bytes(midi.translate.streamToMidiFile(score).writestr())


def pdf(abc: str, target: Path) -> Path:
    """A tune as PDF, by abcm2ps if it is installed, otherwise by LilyPond.

    Raises:
        SeqgenError: Neither is installed, or the installed program fails.
    """
    with TemporaryDirectory() as name:
        source, ps, ly, made = (Path(name) / f"tune.{kind}" for kind in ("abc", "ps", "ly", "pdf"))
        source.write_text(abc, encoding="utf-8")
        if shutil.which("abcm2ps"):
            seqgen.run_program("abcm2ps", source.name, "-O", ps, makes=ps, install=PROGRAMS)
            seqgen.run_program("ps2pdf", ps, made, makes=made, install="Ghostscript")
        else:
            seqgen.run_program("abc2ly", "-o", ly, source, makes=ly, install=PROGRAMS)
            seqgen.run_program(*LILYPOND, ly, makes=made, install="LilyPond")
        return seqgen.write_file(target, re.sub(NUMBER, b"", made.read_bytes()))

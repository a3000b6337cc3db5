"""Writing: tunes as ABC and MIDI files, and as PDF where a program for it is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import seqgen
from seqgen_tunes.guide import SIGNS

BARS_A_LINE = 4


def abc_text(tune: str, number: int = 1) -> str:
    """A tune as ABC, four bars a line."""
    lines = [f"X:{number}", f"T:seqgen {number}", "L:1/8"]
    body, bars = "", 0
    for token in tune.split(" "):
        if token[:2] in ("M:", "K:"):
            lines.append(token)
        elif token not in SIGNS[:-1]:
            body += token
        else:
            body += f" {token} "
            bars += token != "|:"
            if bars == BARS_A_LINE or token in (":|", "||"):
                lines.append(body.strip())
                body, bars = "", 0
    return "\n".join([*lines, *[body.strip()] * bool(body)]) + "\n"


def write(tunes: Sequence[str], folder: Path) -> list[Path]:
    """One ABC file of all tunes, a MIDI file of each, and a PDF of all where one can be made."""
    book = seqgen.write_file(
        folder / "tunes.abc", "\n".join(abc_text(tune, n) for n, tune in enumerate(tunes, start=1))
    )
    paths = [book]
    for number, tune in enumerate(tunes, start=1):
        paths.append(seqgen.write_file(folder / f"tune-{number:03}.mid", midi(tune)))
    return [*paths, *pdf(book)]


def played(tune: str) -> str:
    """A tune with its repeats written out, to which music21's MIDI is deaf."""
    done: list[str] = []
    begin = ending = 0
    for token in tune.split(" "):
        if token == "|:":
            begin = len(done)
        elif token == "|1":
            ending = len(done)
        elif token in (":|", ":|2"):
            done += ["|", *done[begin : ending if token == ":|2" else len(done)]]
        if token != "|:":
            done.append("|" if token in SIGNS[:-1] else token)
    return " ".join(done)


def midi(tune: str) -> bytes:
    """The tune as it is played, by music21."""
    from music21 import converter, midi

    score = converter.parseData(abc_text(played(tune)), format="abc")
    written: bytes = midi.translate.streamToMidiFile(score).writestr()
    return written


def pdf(book: Path) -> list[Path]:
    """A PDF beside an ABC file, by abcm2ps and ps2pdf or by abc2ly and lilypond; none without."""
    target = book.with_suffix(".pdf")
    chains = {
        "abcm2ps": [["abcm2ps", "-q", "-O", "{0}.ps", "{1}"], ["ps2pdf", "{0}.ps", "{0}.pdf"]],
        "lilypond": [["abc2ly", "-o", "{0}.ly", "{1}"], ["lilypond", "-s", "-o", "{0}", "{0}.ly"]],
    }
    for chain in chains.values():
        if all(shutil.which(command[0]) for command in chain):
            with seqgen.replacing(target) as temporary:
                for command in chain:
                    words = [word.format(temporary, book) for word in command]
                    subprocess.run(words, check=True, capture_output=True)
                temporary.with_suffix(".tmp.pdf").replace(temporary)
            return [target]
    return []

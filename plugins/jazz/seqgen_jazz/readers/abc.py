"""The ABC reader: tunes with chord symbols, repeats played out, chord text never guessed at.

music21 reads ABC too, but it takes "Bb7" for a B7, lets an accidental go after its note,
gives the rest ``x`` a pitch and passes over fields inside a line; none of it with an error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from seqgen import DataError
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.readers.abc_tokens import is_part_order
from seqgen_jazz.readers.abc_voice import AbcVoice
from seqgen_jazz.readers.measures import play
from seqgen_jazz.readers.melody_voice import choose_part, part_told, voice_part
from seqgen_jazz.readers.quantize import fit
from seqgen_jazz.readers.raw_tune import JUMPS, PART_ORDER, FileRead, RawFile, RawSolo

_FIELD: Final = re.compile(r"([A-Za-z]):(.*)", re.DOTALL)
_MOST_BYTES: Final = 20_000_000

#: Lines of a tune with their numbers in the file, from 1.
_Lines = list[tuple[int, str]]


def read_abc(path: Path) -> FileRead:
    """Every tune of an ABC file; a tune that cannot be used is left out with its reason.

    Raises:
        DataError: The file is no ABC text, or none of its tunes can be used.
    """
    return read_abc_text(_content(path), path.stem)


def raw_abc(path: Path) -> RawFile:
    """Every tune of an ABC file as it stands there, whatever it lacks; errors as ``read_abc``."""
    tunes: list[RawSolo] = []
    skipped: list[tuple[str, str]] = []
    for label, lines, title in _titled(_content(path), path.stem):
        try:
            tunes.append(_raw(lines, title))
        except DataError as error:
            skipped.append((label, str(error)))
    _check_any(len(tunes), skipped)
    return RawFile(tuple(tunes), tuple(skipped))


def _content(path: Path) -> str:
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise DataError(f"it has {size} bytes; the most for an ABC file is {_MOST_BYTES}")
    text = _decode(path.read_bytes())
    if text.lstrip()[:1] == "<":
        raise DataError("it is a web page or XML, not ABC")
    return text


def read_abc_text(text: str, name: str) -> FileRead:
    """Every tune of an ABC text; ``name`` labels tunes without a title; errors as ``read_abc``."""
    solos: list[Solo] = []
    skipped: list[tuple[str, str]] = []
    counts: Counter[str] = Counter()
    for label, lines, title in _titled(text, name):
        try:
            solo, fitted = fit(_raw(lines, title))
        except DataError as error:
            skipped.append((label, str(error)))
            continue
        solos.append(solo)
        counts += fitted
    _check_any(len(solos), skipped)
    return FileRead(tuple(solos), tuple(skipped), counts)


def _titled(text: str, name: str) -> Iterator[tuple[str, _Lines, str]]:
    """What to call each tune in reasons, its lines with those of the file's head, its title."""
    for number, (head, lines) in enumerate(_tunes(text), start=1):
        title = next((line[2:].strip() for _, line in lines if line.startswith("T:")), "")
        yield f"tune {number} {title!r}" if title else f"tune {number}", head + lines, title or name


def _check_any(found: int, skipped: list[tuple[str, str]]) -> None:
    """At least one tune can be used."""
    if found:
        return
    if not skipped:
        raise DataError("it has no tunes: no line begins with X:")
    what, why = skipped[0]
    raise DataError(f"none of its {len(skipped)} tunes can be used: {what}: {why}")


def _decode(data: bytes) -> str:
    if b"\0" in data[:4096]:
        raise DataError("it is a binary file, not ABC text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # ABC from before UTF-8 is Latin-1, where every byte is a letter.
        return data.decode("latin-1")


def _tunes(text: str) -> Iterator[tuple[_Lines, _Lines]]:
    """The lines of the file's head and of each tune, with their numbers from 1."""
    head: _Lines = []
    tune: _Lines | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(r"X:\s*\d*", line):
            if tune:
                yield head, tune
            tune = [(number, line)]
        elif tune is None:
            if _FIELD.match(line) or line.startswith("%%"):
                head.append((number, line))
        elif line.strip():
            tune.append((number, line))
        elif len(tune) > 1:
            yield head, tune
            tune = []
    if tune:
        yield head, tune


def _raw(lines: _Lines, title: str) -> RawSolo:
    """One tune: its voices read, the one with the line chosen, its repeats played out."""
    voices: dict[str, AbcVoice] = {}
    said: dict[str, str] = {}
    current = first = AbcVoice()
    in_head = True
    order = ""
    for number, full in lines:
        line = full.split("%")[0].rstrip() if not full.startswith("%%") else "I:" + full[2:]
        field = _FIELD.match(line)
        try:
            if field and field[1] == "V":
                # In the head it only declares a voice; the music names it again.
                name, *more = field[2].split(maxsplit=1) or ["1"]
                said[name] = " ".join((said.get(name, ""), *more))
                current = current if in_head else voices.setdefault(name, first.fork())
            elif field and not re.match(r"[A-Ga-gxz]:[|:]", line):
                in_head = in_head and field[1] != "K"
                if in_head and field[1] == "P":
                    order = field[2]
                else:
                    current.set_field(field[1], field[2])
            elif line.strip():
                current.read_music(line)
        except DataError as error:
            raise DataError(f"line {number}: {error}") from error
    voices.setdefault("", first)
    raw = _line(voices, said, title)
    if is_part_order(order, {voice.parts for voice in voices.values()}):
        raw.counts[PART_ORDER] += 1
    return raw


def _line(voices: dict[str, AbcVoice], said: dict[str, str], title: str) -> RawSolo:
    """The voice that is most like a line, with the chord symbols of the voice that has most of
    them; where there are no notes at all, a voice of rests and symbols."""
    for voice in voices.values():
        voice.finish()
    used = {name: voice for name, voice in voices.items() if voice.note_count}
    used = used or {name: voice for name, voice in voices.items() if voice.measures}
    if not used:
        raise DataError("it has no notes")
    parts = [voice_part(name, said.get(name, ""), used[name].measures) for name in used]
    line = list(used.values())[taken := choose_part(parts)]
    counts = Counter(line.counts)
    if len(used) > 1:
        counts["other voices left out"] += len(used) - 1
    if any(voice.counts[JUMPS] for voice in used.values()):
        counts[JUMPS] = 1
    owner = max(
        used.values(), key=lambda voice: sum(len(measure.chords) for measure in voice.measures)
    )
    raw = play(line.measures, owner.measures, title, line.tempo, counts)
    return replace(raw, line=part_told(parts, taken))

"""Read ABC files: tunes with chord symbols, repeats played out, chord text never guessed.

music21 reads ABC too, but it takes "Bb7" for a B7, moves an accidental to the next note,
gives the rest ``x`` a pitch and skips fields inside a line, none of it with an error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from seqgen import DataError
from seqgen_jazz.readers.abc_fields import is_part_order
from seqgen_jazz.readers.abc_voice import AbcVoice
from seqgen_jazz.readers.choose_melody import choose_melody, describe_choice, voice_candidate
from seqgen_jazz.readers.errors import ReadError, SkipReason, error_context
from seqgen_jazz.readers.meters_and_measures import play_out
from seqgen_jazz.readers.raw_tune import Count, RawFile, RawTune, SkippedTune, decode_text

_FIELD: Final = re.compile(r"([A-Za-z]):(.*)", re.DOTALL)
_MAX_BYTES: Final = 20_000_000

#: Lines of a tune with their numbers in the file, from 1.
_Lines = list[tuple[int, str]]


def read_abc(path: Path) -> RawFile:
    """The tunes of an ABC file before quantization.

    Raises:
        ReadError: The file is not ABC text, or has no tunes.
    """
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise ReadError(f"it has {size} bytes; the maximum for an ABC file is {_MAX_BYTES}")
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        raise ReadError("it is a binary file, not ABC text", SkipReason.OTHER_FORMAT)
    text = decode_text(data)
    if text.lstrip()[:1] == "<":
        raise ReadError("it is a web page or XML, not ABC", SkipReason.OTHER_FORMAT)
    return read_abc_text(text, path.stem)


def read_abc_text(text: str, name: str) -> RawFile:
    """The tunes of an ABC text; ``name`` is the title of tunes without one."""
    tunes: list[RawTune] = []
    skipped: list[SkippedTune] = []
    for number, (head, lines) in enumerate(_tunes(text), start=1):
        title = next((line[2:].strip() for _, line in lines if line.startswith("T:")), "")
        label = f"tune {number} {title!r}" if title else f"tune {number}"
        try:
            tunes.append(replace(_raw(head + lines), title=title or name, label=label))
        except DataError as error:
            skipped.append(SkippedTune.from_error(label, error))
    if not tunes and not skipped:
        raise ReadError("it has no tunes: no line begins with X:", SkipReason.EMPTY)
    return RawFile(tuple(tunes), tuple(skipped))


def _tunes(text: str) -> Iterator[tuple[_Lines, _Lines]]:
    """The lines of the file header and of each tune, with their numbers from 1."""
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


def _raw(lines: _Lines) -> RawTune:
    """A tune: read its voices, choose the melody, play out its repeats."""
    voices: dict[str, AbcVoice] = {}
    declarations: dict[str, str] = {}
    current = first = AbcVoice()
    in_head = True
    order = ""
    for number, full in lines:
        line = full.split("%")[0].rstrip() if not full.startswith("%%") else "I:" + full[2:]
        field = _FIELD.match(line)
        with error_context(f"line {number}"):
            if field and field[1] == "V":
                # In the header it only declares a voice; the music names it again.
                name, *more = field[2].split(maxsplit=1) or ["1"]
                declarations[name] = " ".join((declarations.get(name, ""), *more))
                current = current if in_head else voices.setdefault(name, first.fork())
            elif field and not re.match(r"[A-Ga-gxz]:[|:]", line):
                in_head = in_head and field[1] != "K"
                if in_head and field[1] == "P":
                    order = field[2]
                else:
                    current.set_field(field[1], field[2])
            elif line.strip():
                current.read_music(line)
    voices.setdefault("", first)
    raw = _melody(voices, declarations)
    if is_part_order(order, {voice.parts for voice in voices.values()}):
        raw.counts[Count.PART_ORDER] += 1
    return raw


def _melody(voices: dict[str, AbcVoice], declarations: dict[str, str]) -> RawTune:
    """The most probable melody, with the chord symbols of the voice with the most symbols. If
    there are no notes at all, a voice of rests and symbols."""
    for voice in voices.values():
        voice.finish()
    used = {name: voice for name, voice in voices.items() if voice.note_count}
    used = used or {name: voice for name, voice in voices.items() if voice.measures}
    if not used:
        raise ReadError("it has no notes", SkipReason.EMPTY)
    candidates = [
        voice_candidate(name, declarations.get(name, ""), voice.measures)
        for name, voice in used.items()
    ]
    chosen = choose_melody(candidates)
    line = list(used.values())[chosen]
    counts = Counter(line.counts)
    counts[Count.OTHER_PARTS] += len(used) - 1
    if any(voice.counts[Count.JUMPS] for voice in used.values()):
        counts[Count.JUMPS] = 1
    owner = max(used.values(), key=lambda voice: sum(len(bar.chords) for bar in voice.measures))
    raw = play_out(line.measures, owner.measures, counts)
    return replace(raw, tempo=line.tempo, line=describe_choice(candidates, chosen))

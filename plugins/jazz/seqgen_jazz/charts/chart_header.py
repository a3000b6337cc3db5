"""The head of a chart's text: title, composer, style, key, tempo and meter, a line each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.bar_text import LABELS, MOST_TEMPO, REMARK, read_meter
from seqgen_jazz.harmony.chord import Chord, parse_chord

_LINE: Final = re.compile(r"\s*([A-Za-z]{3,}(?: [a-z]+)?)\s*[:=](?![|:])\s*(.*?)\s*")
_NAMES: Final = (*LABELS, "meter")


@final
@dataclass(frozen=True, slots=True)
class Head:
    """What stands in front of the bars; ``lines`` is how many lines that took, ``remarks`` what
    comments say of a chart that was written elsewhere and is not played."""

    title: str = ""
    composer: str = ""
    style: str = ""
    key: Chord | None = None
    tempo: float | None = None
    meter: tuple[int, int] = (4, 4)
    lines: int = 0
    remarks: tuple[str, ...] = ()


def read_head(lines: Sequence[str]) -> Head:
    """The head of a chart, up to the first line that holds bars; a value is all of its line.

    Raises:
        DataError: A line has an unknown name or a value that cannot be used.
    """
    head = Head()
    for number, line in enumerate(lines, start=1):
        if line.startswith(REMARK):
            head = replace(head, remarks=(*head.remarks, line.removeprefix(REMARK).strip()))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None or _is_chord(found[1]):
            break
        name = found[1].lower()
        if name not in _NAMES:
            raise DataError(
                f"line {number} of the chart: {found[1]!r} is no part of its head; "
                f"{', '.join(_NAMES)} are; a section is written [{found[1]}] before its bars"
            )
        try:
            head = replace(head, lines=number, **{name: _value(name, found[2])})
        except DataError as error:
            raise DataError(f"line {number} of the chart: {error}") from error
    return head


def _is_chord(text: str) -> bool:
    try:
        parse_chord(text)
    except DataError:
        return False
    return True


def _value(name: str, text: str) -> Any:
    match name:
        case "key":
            return read_key(text)
        case "tempo":
            return _tempo(text)
        case "meter":
            return read_meter(text)
        case _:
            return text


def read_key(text: str) -> Chord:
    """A key such as ``Bb``, ``Dm``, ``D-`` or ``F minor``, as its tonic triad.

    Raises:
        DataError: It is no major or minor key.
    """
    key = parse_chord(text.replace(" ", ""))
    if key.root < 0 or key.quality not in ("", "m") or key.bass is not None:
        raise DataError(f"a key is a major or minor triad such as Bb or Dm, was {text!r}")
    return key


def _tempo(text: str) -> float:
    try:
        tempo = float(text)
    except ValueError:
        tempo = 0.0
    if not 1 <= tempo <= MOST_TEMPO:
        raise DataError(f"a tempo is a number from 1 to {MOST_TEMPO}, was {text!r}")
    return tempo

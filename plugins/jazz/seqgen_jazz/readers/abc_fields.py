"""Parse the parts of ABC notation: its fields, and the pitches and lengths of its notes."""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from typing import Final

from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.errors import ReadError, SkipReason, error_context
from seqgen_jazz.readers.meters_and_measures import check_meter

#: An element of the music code; the group that matches names its kind.
TOKEN: Final = re.compile(
    r"""(?P<space>[\s`$yHLMPTuv~.\\]+)
    |"(?P<quote>[^"]*)"
    |\[(?P<field>[A-Za-z]):(?P<value>[^\]]*)\]
    |\[(?P<ending>\d[\d,\-]*)
    |(?P<bar>:*\[?\|[|\]]*:*|::+|\|\])\s*(?P<barending>\d[\d,\-]*)?
    |\{(?P<grace>[^}]*)\}
    |\((?P<tuplet>\d)(?::(?P<q>\d*))?(?::(?P<r>\d*))?
    |(?P<decoration>![^!\n]*!|\+[a-z]+\+)
    |(?P<slur>[()])
    |\[(?P<stack>[^\]|:"]+)\](?P<stacklength>\d*/*\d*)
    |(?P<note>(?P<accidental>\^{1,2}|_{1,2}|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)
        (?P<length>\d*/*\d*))
    |(?P<rest>[zx])(?P<restlength>\d*/*\d*)
    |(?P<bars>[ZX])(?P<barcount>\d*)
    |(?P<tie>-)
    |(?P<broken>>+|<+)
    |(?P<sign>[SO])
    """,
    re.VERBOSE,
)
NOTE: Final = re.compile(r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])([,']*)(\d*/*\d*)")
#: Semitones of an accidental.
SHIFTS: Final = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}

#: Words and decorations for jumps: "D.C. al Fine", "dacapo", "segno".
_JUMP: Final = re.compile(
    r"\bD\.?[CS]\b|\bD\. [CS]\b|\bda ?c(?:apo|oda)|\bdal ?segno|\b(?:segno|coda|fine)\b", re.I
)
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS: Final = "FCGDAEB"
_TONICS: Final = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}
_MODES: Final = {
    **{"": 0, "maj": 0, "ion": 0, "m": -3, "min": -3, "aeo": -3},
    **{"dor": -2, "phr": -4, "lyd": 1, "mix": -1, "loc": -5},
}
_KEY: Final = re.compile(r"\s*([A-G])([#b]?)\s*([A-Za-z]*)(.*)", re.DOTALL)
_LENGTH: Final = re.compile(r"(\d*)(/*)(\d*)")


def is_jump(text: str) -> bool:
    """Whether words or a decoration are D.C., D.S., Fine, a coda or one of their signs."""
    return _JUMP.search(text) is not None


def is_part_order(text: str, written: Collection[str]) -> bool:
    """Whether the parts of a tune are played in another order than they are written in.

    Args:
        text: The P: field of the header: "AABA", "A2B", "(AB)3".
        written: The letters of the parts in the order of each voice.
    """
    order = "".join(text.split()).replace(".", "")
    return len(order) > 1 and order not in written


def parse_length(text: str) -> Fraction:
    """A length as a multiple of the unit: "", "2", "/", "3/2", "//"."""
    found = _LENGTH.fullmatch(text)
    if found is None or (found[3] and len(found[2]) != 1) or found[3] == "0":
        raise ReadError(f"cannot read the note length {text!r}")
    below = int(found[3]) if found[3] else 2 ** len(found[2])
    return Fraction(int(found[1] or 1), below)


def parse_key(text: str) -> dict[str, int]:
    """The semitones of the key signature by note letter.

    Raises:
        ReadError: The key is not one of the seven modes on a tonic, or transposes.
    """
    if "transpose=" in text:
        raise ReadError(f"K:{text.strip()} transposes; write it at concert pitch")
    bare = text.split("clef")[0].strip()
    if bare.lower() in ("", "none"):
        return {}
    if bare in ("HP", "Hp"):
        return {"F": 1, "C": 1}
    found = _KEY.fullmatch(bare)
    mode = found[3][:3].lower() if found and found[3] != "M" else ""
    if found is None or mode not in _MODES:
        raise ReadError(f"cannot read the key K:{text.strip()}")
    fifths = _TONICS[found[1]] + {"#": 7, "b": -7}.get(found[2], 0) + _MODES[mode]
    if abs(fifths) > 7:
        raise ReadError(f"the key K:{text.strip()} needs more than 7 accidentals")
    letters = _SHARPS[:fifths] if fifths >= 0 else _SHARPS[fifths:]
    key = dict.fromkeys(letters, 1 if fifths > 0 else -1)
    for sign, letter in re.findall(r"(\^{1,2}|_{1,2}|=)([A-Ga-g])", found[4]):
        key[letter.upper()] = SHIFTS[sign]
    return key


def parse_meter(text: str) -> tuple[int, int] | None:
    """The meter; None for free meter ("none")."""
    bare = text.strip()
    if bare in ("none", ""):
        return None
    if bare in ("C", "C|"):
        return (4, 4) if bare == "C" else (2, 2)
    found = re.fullmatch(r"\(?([\d+\s]+)\)?\s*/\s*(\d+)", bare)
    if found is None:
        raise ReadError(f"cannot read the meter M:{bare}", SkipReason.METER)
    return check_meter(sum(map(int, found[1].split("+"))), int(found[2]))


def parse_unit(text: str) -> Fraction:
    """The unit note length in quarter notes, from "1/8"."""
    found = re.fullmatch(r"\s*(\d+)\s*(?:/\s*(\d+))?\s*", text)
    if found is None or int(found[1]) == 0 or found[2] == "0":
        raise ReadError(f"cannot read the unit note length L:{text.strip()}")
    return Fraction(int(found[1]), int(found[2] or 1)) * 4


def parse_tempo(text: str) -> float | None:
    """Quarter notes a minute; None for a text without a number."""
    found = re.search(r"(?:(\d+)\s*/\s*(\d+)\s*=\s*)?(\d+)", re.sub(r'"[^"]*"', "", text))
    if found is None:
        return None
    beat = Fraction(int(found[1]), int(found[2]) or 1) * 4 if found[1] else Fraction(1)
    return float(int(found[3]) * beat)


def parse_abc_chord(text: str) -> Chord:
    """A quoted chord symbol: blanks are ignored, the bass may be lower case ("A7/e", "D/f+")."""
    bare = re.sub(r"\s", "", text)
    found = re.fullmatch(r"(.+)/([a-g])([#b+]?)", bare)
    if found:
        bare = f"{found[1]}/{found[2].upper()}{found[3].replace('+', '#')}"
    with error_context(reason=SkipReason.CHORD_SYMBOL):
        return parse_chord(bare)


def midi_pitch(letter: str, octave: str, shift: int) -> int:
    """The MIDI pitch of a note: "C" is 60, "c" 72, "," and "'" move it by an octave."""
    base = 60 if letter.isupper() else 72
    return base + _STEPS[letter.upper()] + 12 * (octave.count("'") - octave.count(",")) + shift


def parse_endings(text: str) -> frozenset[int]:
    """The passes of an ending: "1", "1,3", "1-3"."""
    passes: set[int] = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        if low.isdigit():
            last = int(high) if high.isdigit() else int(low)
            passes |= set(range(int(low), min(last, int(low) + 16) + 1))
    return frozenset(passes)

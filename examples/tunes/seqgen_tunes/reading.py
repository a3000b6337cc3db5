"""Reading: tunes of ABC files as rows of tokens, in one normal form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

#: Ticks of an eighth note, which is the length of a note without a length token.
EIGHTH = 8
METERS = {"C": "4/4", "C|": "2/2"}
MODES = {"": "", "maj": "", "ion": "", "m": "m", "min": "m", "aeo": "m"}
MODES |= {mode: mode for mode in ("mix", "dor", "lyd", "phr", "loc")}
PITCH = r"[_=^]{0,2}[A-Ga-g][,']*|z"
LENGTH = re.compile(r"(\d*)(/?)(\d*)")
#: What does not change the notes: texts, graces, slurs, marks, layout.
_IDLE = r'"[^"]*"|![^!\s]+!|\{[^}]*\}|[()](?!\d)|[.~HJLMOPRSTUkuvy`\\\s$+*]'
_BAR = r"\[?\|[|\]]*:*|:+\|?[|\]]*:*"
_SIGN = re.compile(
    rf"(?:{_IDLE})|(?P<bar>(?:{_BAR})?(?:\s*\[?(?<=[|:\[])[12](?![\d/]))?)|(?P<triplet>\(3(?![\d:]))"
    rf"|(?P<pitch>{PITCH})(?P<length>\d*/*\d*)|(?P<broken>[<>])|(?P<other>.)"
)


class Unreadable(Exception):
    """A tune holds what has no tokens here; the message is the reason."""


def eighths(length: str) -> Fraction:
    """The eighths of a length token or of a written length: "3/2", "/", "//" or ""."""
    upper, slash, lower = LENGTH.fullmatch(length.replace("//", "/4")).groups()  # type: ignore[union-attr]
    return Fraction(int(upper or 1), int(lower or (2 if slash else 1)))


def bar_ticks(meter: str) -> int:
    """The ticks of a bar: "6/8" has 48."""
    return int(Fraction(meter) * 8 * EIGHTH)


def split_tunes(text: str) -> Iterator[tuple[str, str]]:
    """Title and ABC of every tune of a file."""
    for tune in re.split(r"(?m)^(?=X:)", text.replace("\r", ""))[1:]:
        title = re.search(r"(?m)^T:(.*)", tune)
        yield (title[1].strip() if title else "untitled"), tune


def tokens_of(tune: str) -> list[str]:
    """The tokens of one tune: meter, key, and the notes between balanced bar signs.

    Raises:
        Unreadable: It holds chords, ties, more than one key, or what is no music.
    """
    lines = [line.partition("%")[0].rstrip() for line in tune.split("\n")]
    is_field = re.compile("[A-Za-z]:")
    fields = [(line[0], line[2:].strip()) for line in lines if is_field.match(line)]
    if any(len({v for name, v in fields if name == known}) > 1 for known in "MLK"):
        raise Unreadable("meter, key or unit change within")
    head = dict(fields)
    meter = METERS.get(head.get("M", ""), head.get("M", ""))
    key = re.match(r"([A-G][b#]?) *([A-Za-z]{0,3})", head.get("K", ""))
    unit = re.fullmatch(r"1/(4|8|16)", head.get("L", "1/8"))
    mode = key and MODES.get(key[2].lower())
    if not re.fullmatch(r"\d{1,2}/[248]", meter) or not key or mode is None or not unit:
        raise Unreadable("no meter, key or unit that is known")
    body = " ".join(line for line in lines if not is_field.match(line))
    signs = list(_signs(body, Fraction(8, int(unit[1]))))
    return [f"M:{meter}", f"K:{key[1]}{mode}", *_balanced(signs, bar_ticks(meter))]


def _signs(body: str, unit: Fraction) -> Iterator[tuple[str, Fraction]]:
    """Bar signs and "(3" with length 0, and pitches with their lengths in eighths."""
    held: tuple[str, Fraction] | None = None  # a note that a ">" after it may still change
    factor = Fraction(1)  # what a ">" before a note makes of it
    for found in _SIGN.finditer(body):
        if found["other"] or (found["broken"] and held is None):
            raise Unreadable("ties, chords, other tuplets or signs that have no token")
        if found["broken"]:
            assert held is not None
            longer, shorter = Fraction(3, 2), Fraction(1, 2)
            mine, factor = (longer, shorter) if found["broken"] == ">" else (shorter, longer)
            yield held[0], held[1] * mine
            held = None
        elif found["pitch"] or found["bar"] or found["triplet"]:
            if held:
                yield held
            held = None
            if found["pitch"]:
                held = (found["pitch"], eighths(found["length"]) * unit * factor)
                factor = Fraction(1)
            else:
                yield (found["bar"] or "(3"), Fraction(0)
    if held:
        yield held


def _balanced(signs: list[tuple[str, Fraction]], bar: int) -> list[str]:
    """The tokens, with every repeat opened and closed and every section ended by a sign.

    A repeat that only ends begins where its section does. A pickup that stands before the
    sign of the repeat is taken into it, and double bars within a section are bars.
    """
    merged = _merged(signs)
    pickup = sum(_ticks(merged[: [not size and sign != "(3" for sign, size in merged].index(True)]))
    start = phase = -pickup % bar if pickup < bar else Fraction(0)
    done: list[str] = []
    section: list[str] = []
    opened = False
    for place, ((sign, size), ticks) in enumerate(zip(merged, _ticks(merged), strict=True)):
        phase = (phase + ticks) % bar
        closes, opens = sign.startswith(":"), sign.rstrip("12").endswith(":")
        last = place == len(merged) - 1
        if size or sign == "(3":
            section += [sign, *(_length_token(size) if size else ())]
        elif sign[-1] == "1":
            section.append("|1")
        elif sign[-1] == "2":
            section.append(":|2")
            phase = Fraction(0)
        elif opens and not closes and not done and not opened and "|" not in section:
            section += ["|"] * bool(section)
            opened = True
        elif closes or opens or last or (len(sign) > 1 and phase == start and not opened):
            ended = ":|2" in section
            if opened and not closes and not ended:
                raise Unreadable("a repeat is opened and not closed")
            done += (
                ["|:"] * (closes or ended) + section + [":|" if closes else "||"] * bool(section)
            )
            section, opened = [], opens
        else:
            section.append("|")
    return done


def _merged(signs: list[tuple[str, Fraction]]) -> list[tuple[str, Fraction]]:
    """The signs, those of bars that follow each other made one, and one at the end."""
    merged: list[tuple[str, Fraction]] = []
    for sign, size in [*signs, ("||", Fraction(0))]:
        before = merged[-1] if merged else ("(3", size)
        if not size and sign != "(3" and not before[1] and before[0] != "(3":
            merged[-1] = (before[0] + sign.strip(), size)
        else:
            merged.append((sign.strip(), size))
    return merged


def _ticks(signs: list[tuple[str, Fraction]]) -> list[Fraction]:
    """The ticks of each sign; three notes after "(3" take the time of two."""
    ticks = [size * EIGHTH for _, size in signs]
    for place, (sign, _) in enumerate(signs):
        if sign == "(3":
            ticks[place + 1 : place + 4] = [size * 2 / 3 for size in ticks[place + 1 : place + 4]]
    return ticks


def _length_token(length: Fraction) -> list[str]:
    """A length as its one token; none for an eighth."""
    upper, lower = length.as_integer_ratio()
    if length == 1:
        return []
    return [(str(upper) if upper > 1 or lower == 1 else "") + (f"/{lower}" if lower > 1 else "")]

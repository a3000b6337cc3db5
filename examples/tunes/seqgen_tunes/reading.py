"""Reading: tunes of ABC files as rows of tokens, in one normal form."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

#: Ticks of an eighth note, the length of a note without a length token.
EIGHTH = 24
METERS = {"C": "4/4", "C|": "2/2"}
MODES = {"": "", "maj": "", "ion": "", "m": "m", "min": "m", "aeo": "m"}
MODES |= {mode: mode for mode in ("mix", "dor", "lyd", "phr", "loc")}
PITCH = r"[_=^]{0,2}[A-Ga-g][,']*|z"
#: What does not change the notes: texts, graces, slurs, marks, layout.
_IDLE = r'"[^"]*"|![^!\s]+!|\{[^}]*\}|[()](?!\d)|[.~HJLMOPRSTUkuvy`\\\s$+*]'
_BAR = r"(?:\[?\|[|\]]*:*|:+\|?[|\]]*:*)?(?:\s*\[?(?<=[|:\[])[12](?![\d/]))?"
_SIGN = re.compile(
    rf"(?:{_IDLE})|(?P<bar>{_BAR})|(?P<triplet>\(3(?![\d:]))|(?P<pitch>{PITCH})"
    r"(?P<length>\d*/*\d*)|(?P<broken>[<>])|(?P<other>.)"
)


class Unreadable(Exception):
    """A tune holds what has no tokens here; the message is the reason."""


@lru_cache(maxsize=1000)
def ticks_of(length: str, unit: int = EIGHTH) -> int:
    """The ticks of a length in units: "3/2", "/", "//" or ""."""
    upper, slashes, lower = re.findall(r"(\d*)(/*)(\d*)", length)[0]
    if "0" in (upper[:1], lower[:1]):
        raise Unreadable("lengths of nothing")
    ticks = Fraction(int(upper or 1), int(lower or 2 ** len(slashes))) * unit
    if ticks.denominator != 1:
        raise Unreadable("notes shorter than the grid")
    return int(ticks)


@lru_cache(maxsize=1000)
def length_tokens(ticks: int) -> tuple[str, ...]:
    """The one token of a length; none for an eighth."""
    upper, lower = Fraction(ticks, EIGHTH).as_integer_ratio()
    text = (str(upper) if upper > 1 or lower == 1 else "") + (f"/{lower}" if lower > 1 else "")
    return () if ticks == EIGHTH else (text,)


def bar_ticks(meter: str) -> int:
    """The ticks of a bar of a meter, "6/8"."""
    return int(Fraction(meter) * 8 * EIGHTH)


def tokens_of(tune: str) -> list[str]:
    """The tokens of one tune of a file: meter, key, and the notes between balanced bar signs.

    Raises:
        Unreadable: It holds chords, ties, more than one key, or what is no music.
    """
    lines = [line.partition("%")[0].rstrip() for line in tune.splitlines()]
    is_field = re.compile("[A-Za-z]:")
    fields = [(line[0], line[2:].strip()) for line in lines if is_field.match(line)]
    if any(len({v for name, v in fields if name == known}) > 1 for known in "MLK"):
        raise Unreadable("meter, key or unit change within")
    head = dict(fields)
    meter = METERS.get(head.get("M", ""), head.get("M", ""))
    key = re.match(r"([A-G][b#]?) *([A-Za-z]{0,3})", head.get("K", ""))
    unit = re.fullmatch(r"1/(4|8|16)", head.get("L", "1/8"))
    mode = key and MODES.get(key[2].lower())
    if not re.fullmatch(r"[1-9]\d?/[248]", meter) or not key or mode is None or not unit:
        raise Unreadable("no meter, key or unit that is known")
    body = " ".join(line for line in lines if not is_field.match(line))
    signs = _signs(body, 8 * EIGHTH // int(unit[1]))
    return [f"M:{meter}", f"K:{key[1]}{mode}", *_balanced(signs, bar_ticks(meter))]


def _signs(body: str, unit: int) -> list[tuple[str, int]]:
    """Pitches with their ticks, and with none "(3" and bar signs, of which no two follow."""
    signs: list[tuple[str, int]] = []
    halves = 2  # how many halves of its length a ">" or "<" before a note leaves it
    for found in _SIGN.finditer(body):
        bar, broken = found["bar"], found["broken"]
        before, ticks = signs[-1] if signs else ("(3", 0)
        if found["other"] or (broken and not ticks) or ticks % 2 > (not broken):
            raise Unreadable("ties, chords, other tuplets or signs that have no token")
        if broken:
            halves = 1 if broken == ">" else 3
            signs[-1] = before, ticks * (4 - halves) // 2
        elif found["pitch"]:
            signs.append((found["pitch"], ticks_of(found["length"], unit) * halves // 2))
            halves = 2
        elif bar and not ticks and before != "(3":
            signs[-1] = before + bar.strip(), 0
        elif bar or found["triplet"]:
            signs.append(((bar or "(3").strip(), 0))
    return signs


def _balanced(signs: list[tuple[str, int]], bar: int) -> list[str]:
    """The tokens, with every repeat opened and closed and every section ended by a sign.

    A repeat that only ends begins where its section does. A pickup that stands before the
    sign of the repeat is taken into it, and double bars within a section are bars.
    """
    done: list[str] = []
    section: list[str] = []
    start, phase, triplet, opened = -1, 0, 0, False
    last = signs.pop()[0] if signs and not signs[-1][1] else ""
    for sign, ticks in [*signs, (last + "|:", 0)]:  # as if a repeat came after the tune
        if ticks or sign == "(3":
            section += [sign, *(length_tokens(ticks) if ticks else ())]
            phase += ticks * 2 // 3 if triplet else ticks
            triplet = max(triplet - 1, 0) if ticks else 3
            continue
        if start < 0 < phase:
            start, phase = -phase % bar if phase < bar else 0, 0
        phase %= bar
        closes, opens = sign[0] == ":", sign.rstrip("12")[-1:] == ":"
        if sign[-1] in "12":
            section.append("|1" if sign[-1] == "1" else ":|2")
            phase *= sign[-1] == "1"
        elif opens and not closes and not opened and not done and "|" not in section:
            opened, section = True, [*section, *["|"] * bool(section)]
        elif closes or opens or (len(sign) > 1 and phase == start and not opened):
            if opened and not closes and ":|2" not in section:
                raise Unreadable("a repeat is opened and not closed")
            done += ["|:"] * (closes or ":|2" in section) + section
            done += [":|" if closes else "||"] * bool(section)
            section, opened = [], opens
        else:
            section.append("|")
    return done

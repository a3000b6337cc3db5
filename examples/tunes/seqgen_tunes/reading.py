"""Reader of ABC files: tunes in one normal form, tokens separated by spaces."""

from __future__ import annotations

import re
from fractions import Fraction

import seqgen

#: Ticks of an eighth note, the length of a note without a length token.
EIGHTH = 72
METERS = {"C": "4/4", "C|": "2/2"}
MODES = {"": "", "maj": "", "ion": "", "m": "m", "min": "m", "aeo": "m"}
MODES |= {mode: mode for mode in ("mix", "dor", "lyd", "phr", "loc")}
PITCH = r"[_=^]{0,2}[A-Ga-g][,']*|z"
#: Signs that do not change the notes: texts, graces, slurs, marks, layout.
_IDLE = r'"[^"]*"|![^!\s]+!|\{[^}]*\}|[()](?!\d)|[.~HJLMOPRSTUkuvy`\\\s$+*]'
_BAR = r"(?:\[?\|[|\]]*:*|:+\|?[|\]]*:*)?(?:\s*\[?(?<=[|:\[])[12](?![\d/]))?"
_SIGN = re.compile(
    rf"(?:{_IDLE})|(?P<bar>{_BAR})|(?P<triplet>\(3(?![\d:]))|(?P<pitch>{PITCH})"
    r"(?P<upper>[1-9]\d*)?(?P<slashes>/*)(?P<lower>[1-9]\d*)?|(?P<broken>[<>])|(?P<other>.)"
)


def ticks_of(length: str) -> int:
    """The ticks of a length token: "2", "3/2" or "/2"."""
    return int(Fraction(f"1{length}" if length[0] == "/" else length) * EIGHTH)


def bar_ticks(meter: str) -> int:
    """The ticks of a bar of a meter, "6/8"."""
    return int(Fraction(meter) * 8 * EIGHTH)


def normal(tune: str) -> str:
    """Normalize one tune of a file: meter, key, and the notes between balanced bar signs.

    Raises:
        DataError: It contains chords, ties, several keys, or something that is not music.
    """
    lines = [line.partition("%")[0].rstrip() for line in tune.splitlines()]
    fields = [line for line in lines if re.match("[A-Za-z]:", line)]
    if any(len({f[2:].strip() for f in fields if f[0] == name}) > 1 for name in "MLK"):
        raise seqgen.DataError("meter, key or unit changes within the tune")
    head = {"M": "", "K": "", "L": "1/8"} | {f[0]: f[2:].strip() for f in fields}
    meter = METERS.get(head["M"], head["M"])
    key = re.match(r"([A-G][b#]?) *([A-Za-z]{0,3})", head["K"])
    mode = key and MODES.get(key[2].lower())
    known = re.fullmatch(r"[1-9]\d?/[248]", meter) and head["L"] in ("1/4", "1/8", "1/16")
    if not key or mode is None or not known:
        raise seqgen.DataError("no known meter, key or unit")
    body = " ".join(line for line in lines if line not in fields)
    # Append the start of a repeat, so that the last section ends like the others.
    tokens = _balanced(_signs(f"{body} |:", Fraction(head["L"]) * 8), Fraction(meter) * 8)
    return " ".join([f"M:{meter}", f"K:{key[1]}{mode}", *tokens])


def _signs(body: str, unit: Fraction) -> list[tuple[str, Fraction]]:
    """Pitches with their eighths; "(3" and bar signs with none, never two signs in a row."""
    signs: list[tuple[str, Fraction]] = []
    scale = Fraction(1)  # factor of the next note after ">" or "<"
    for found in _SIGN.finditer(body):
        bar, broken = found["bar"], found["broken"]
        before, length = signs[-1] if signs else ("(3", Fraction(0))
        if found["other"] or (broken and not length):
            raise seqgen.DataError("ties, chords, other tuplets or signs without a token")
        if broken:
            scale = Fraction(1 if broken == ">" else 3, 2)
            signs[-1] = before, length * (2 - scale)
        elif found["pitch"]:
            lower = int(found["lower"] or 2 ** len(found["slashes"]))
            signs.append((found["pitch"], Fraction(int(found["upper"] or 1), lower) * unit * scale))
            scale = Fraction(1)
        elif bar and not length and before != "(3":
            signs[-1] = before + bar.strip(), length
        elif bar or found["triplet"]:
            signs.append(((bar or "(3").strip(), Fraction(0)))
    return signs


def _note(pitch: str, length: Fraction) -> list[str]:
    """A pitch and the token of its length; no token for an eighth."""
    if (length * EIGHTH / 3).denominator > 1:
        raise seqgen.DataError("notes that are not on the grid")
    return [pitch, *filter(None, [re.sub("^1(?=/|$)", "", str(length))])]


def _balanced(signs: list[tuple[str, Fraction]], bar: Fraction) -> list[str]:
    """The tokens, with every repeat opened and closed and every section closed by a sign.

    A repeat without an opening begins where its section begins. A pickup before the opening sign
    becomes part of the repeat, and double bars within a section are single bars.
    """
    done: list[str] = []
    section: list[str] = []
    start, phase, triplet, opened = Fraction(-1), Fraction(0), 0, False
    for sign, length in signs:
        if length or sign == "(3":
            section += _note(sign, length) if length else [sign]
            phase += length * 2 / 3 if triplet else length
            triplet = max(triplet - 1, 0) if length else 3
            continue
        if start < 0 < phase:
            start, phase = -phase % bar if phase < bar else Fraction(0), Fraction(0)
        phase %= bar
        closes, opens = sign[0] == ":", sign.rstrip("12")[-1:] == ":"
        if sign[-1] in "12":
            section.append("|1" if sign[-1] == "1" else ":|2")
            phase *= sign[-1] == "1"
        elif opens and not closes and not opened and not done and "|" not in section:
            opened, section = True, [*section, *["|"] * bool(section)]
        elif closes or opens or (len(sign) > 1 and phase == start and not opened):
            if opened and not closes and ":|2" not in section:
                raise seqgen.DataError("a repeat is opened but not closed")
            done += ["|:"] * (closes or ":|2" in section) + section
            done += [":|" if closes else "||"] * bool(section)
            section, opened = [], opens
        else:
            section.append("|")
    return done

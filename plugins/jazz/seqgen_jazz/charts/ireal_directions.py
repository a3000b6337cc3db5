"""The words of iReal charts: jumps, Fine and numbers of passes, however people write them."""

from __future__ import annotations

import re
from typing import Final

#: D.C. and D.S., and where they lead.
_JUMP: Final = re.compile(
    r"\b(?:D(?:\.\s?)?(?=[CS]\b)|(?=da\s+capo|dal\s+segno))"
    r"(?P<back>da\s+capo|dal\s+segno|[CS]\b)\.?"
    r"(?P<to>\s*(?:al|to)\s+(?:the\s+)?(?:(?P<sign>coda|fine)\b|(?P<pass>[1-9])\s?\w*\s+end))?",
    re.IGNORECASE,
)
_LEADS: Final = re.compile(r"\s*(?:al|to)\b", re.IGNORECASE)
#: What speaks of the form.
_FORM: Final = re.compile(r"\bD(?:\.\s?)?[CS]\b|\bda\s+capo|\bsegno|\bcoda|\bfine\b", re.IGNORECASE)
_FINE: Final = re.compile(r"\bfine\b", re.IGNORECASE)
_TIMES: Final = re.compile(r"\b(\d)x\b", re.IGNORECASE)
#: Where words stand is told in front of them: "*18Fine".
_HEIGHT: Final = re.compile(r"^<\*\d\d")
_ORDINALS: Final = {"1": "1st", "2": "2nd", "3": "3rd"}


def plain_words(text: str) -> str:
    """What stands between ``<`` and ``>``, without its height."""
    return " ".join(_HEIGHT.sub("", text).strip("<>").split())


def read_jump(said: str) -> tuple[str, bool] | None:
    """A jump in the words that ``form`` knows ("D.S. al Coda", "D.C. al 2nd End"), and whether
    where it leads to is among them; None where there is none."""
    found = _JUMP.search(said)
    if found is None:
        return None
    back = "D.S." if "s" in found["back"].lower() else "D.C."
    whole = bool(found["to"]) or not _LEADS.match(said, found.end())
    if found["sign"]:
        return f"{back} al {found['sign'].capitalize()}", whole
    number = found["pass"]
    return (f"{back} al {_ORDINALS.get(number, f'{number}th')} End" if number else back), whole


def is_fine(said: str) -> bool:
    """Whether the piece ends here."""
    return _FINE.search(said) is not None


def read_times(said: str) -> int:
    """How often a repeat is played, 2 or more ("3x"); 0 where nothing says so."""
    found = _TIMES.search(said)
    return max(2, int(found[1])) if found else 0


def is_of_form(said: str) -> bool:
    """Whether words speak of jumps or their signs."""
    return _FORM.search(said) is not None

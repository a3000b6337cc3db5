"""The words that may stand after the root of a chord symbol, in all dialects, as patterns."""

from __future__ import annotations

import re
from typing import Final

ACCIDENTALS: Final = {"b": "b", "♭": "b", "-": "b", "#": "#", "♯": "#", "+": "#"}
MAJOR7_MARK: Final = re.compile(r"[\^Δ△∆j]")
MAJOR_WORD: Final = re.compile(r"major|maj|Maj|MAJ|Ma(?!dd)|MA|ma(?!dd)|M(?!i)")
MINOR_WORD: Final = re.compile(r"minor|min|Min|MIN|mi|Mi|MI|m|-|−|–")
BASES: Final = (
    ("major7", MAJOR7_MARK),
    ("major", MAJOR_WORD),
    ("half", re.compile(r"[øØh]")),
    ("dim", re.compile(r"dim|o(?!mit)|°|º")),
    ("aug", re.compile(r"aug|\+")),
    ("dom", re.compile(r"dom(?=7|9|1)")),
    ("minor", MINOR_WORD),
)
NUMBER: Final = re.compile(r"13|11|9|7|69|6|5(?!\d)|2(?!\d)")
SEVENTH_CHAIN: Final = re.compile(r"7(?=9|11|13)")
SIXTH_CHAIN: Final = re.compile(r"69(?=11)")
CHAINED: Final = re.compile(r"(9|11|13)([b#♭♯]?)")
ALTERATION: Final = re.compile(r"([b♭#♯+-])(13|11|9|6|5|4)")
NATURAL: Final = re.compile(r"13|11|9")
ADD: Final = re.compile(r"add([b♭#♯+-]?)(13|11|9|6|4|3|2)")
NO: Final = re.compile(r"(?:no|omit)(3|5)")
SUS: Final = re.compile(r"sus(24|[24]?)(?=(7|9|13|)())")
STACKS: Final = {"7": set[int](), "9": {14}, "11": {14, 17}, "13": {14, 21}}
AUGMENTED: Final = re.compile(r"aug|\+")
INNER_MAJOR7: Final = re.compile(r"(?:maj|M|Maj|ma|\^|Δ|j)7")
SLASH_DEGREE: Final = re.compile(r"/[b#♭♯]?(?:9|11|13)")

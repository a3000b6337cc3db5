"""The words that may stand after the root of a chord symbol, in all dialects, as patterns."""

from __future__ import annotations

import re
from typing import Final

ACCIDENTALS: Final = {"b": "b", "♭": "b", "-": "b", "−": "b", "#": "#", "♯": "#", "+": "#"}
MAJOR7_MARK: Final = re.compile(r"[\^Δ△∆▵j]")
MAJOR_WORD: Final = re.compile(r"major|maj|Maj|MAJ|Ma(?!dd)|MA|ma(?!dd)|M(?![iI])")
RAISED7: Final = re.compile(r"[#♯]7")
MINOR_WORD: Final = re.compile(r"minor|min|Min|MIN|mi|Mi|MI|m|-|−|–")
BASES: Final = (
    ("major7", MAJOR7_MARK),
    ("major", MAJOR_WORD),
    ("half", re.compile(r"half-?dim(?:inished)?|hdim|[øØ⌀∅h]")),
    ("dim", re.compile(r"dim(?:inished)?|o(?!mit)|°|º")),
    ("aug", re.compile(r"aug(?:mented)?|\+")),
    ("dom", re.compile(r"dom(?:inant)?(?=7|9|1)")),
    ("minor", MINOR_WORD),
)
PLUS11: Final = re.compile(r"(?:aug(?:mented)?|\+)11")
NUMBER: Final = re.compile(r"13|11|9|7|69|6|5(?!\d)|2(?!\d)")
SEVENTH_CHAIN: Final = re.compile(r"7(?=9|11|13)")
SIXTH_CHAIN: Final = re.compile(r"69(?=11)")
CHAINED: Final = re.compile(r"(9|11|13)([b#♭♯]?)")
ALTERATION: Final = re.compile(r"([b♭#♯+−-])(13|11|9|6|5|4)")
NATURAL: Final = re.compile(r"13|11|9")
ALT: Final = re.compile(r"alt(?:ered)?")
ADD: Final = re.compile(r"add([b♭#♯+-]?)(13|11|9|6|4|3|2)")
NO: Final = re.compile(r"(?:no|omit)(3|5)")
SUS: Final = re.compile(r"sus(24|[24]?)(?=(7|9|13|)())")
STACKS: Final = {"7": set[int](), "9": {14}, "11": {14, 17}, "13": {14, 21}}
AUGMENTED: Final = re.compile(r"aug|\+")
INNER_MAJOR7: Final = re.compile(r"(?:maj|M|Maj|ma|\^|Δ|j)7")
SLASH_DEGREE: Final = re.compile(r"/[b#♭♯]?(?:9|11|13)")
#: The kinds of MusicXML, and music21's names for them -> suffix.
KINDS: Final = {
    "major": "",
    "minor": "m",
    "augmented": "aug",
    "diminished": "dim",
    "dominant": "7",
    "dominant-seventh": "7",
    "major-seventh": "maj7",
    "minor-seventh": "m7",
    "diminished-seventh": "dim7",
    "augmented-seventh": "7#5",
    "half-diminished": "m7b5",
    "half-diminished-seventh": "m7b5",
    "major-minor": "mmaj7",
    "minor-major-seventh": "mmaj7",
    "major-sixth": "6",
    "minor-sixth": "m6",
    "dominant-ninth": "9",
    "major-ninth": "maj9",
    "minor-ninth": "m9",
    "dominant-11th": "11",
    "major-11th": "maj11",
    "minor-11th": "m11",
    "dominant-13th": "13",
    "major-13th": "maj13",
    "minor-13th": "m13",
    "suspended-second": "sus2",
    "suspended-fourth": "sus4",
    "power": "5",
}

"""Remedies: what a person can do about a file or tune that was left out."""

from __future__ import annotations

import re
from typing import Final

#: A pattern of the reason -> what to do; the first that fits.
_REMEDIES: Final = tuple(
    (re.compile(pattern), remedy)
    for pattern, remedy in (
        (
            r"it has no chords",
            'write its changes into the recipe: chords = "Dm7 | G7 | Cmaj7 | %", or add chord '
            "symbols as markers",
        ),
        (
            r"no track is a line",
            "name the track with the solo in the recipe (melody = 2), or leave the file out",
        ),
        (r"it is the page of", "nothing: the MIDI file beside it is read"),
        (r"it has no notes|it is empty|0 tracks", "leave it out: there is nothing in it"),
        (r"cut short|damaged|run over the end", "export or download it again: bytes are missing"),
        (r"web page|does not begin with MThd|no zip|XML of another kind|no readable XML",
         "save the music itself under this name: this is another kind of file"),
        (r"format 2", "save each song as a file of its own"),
        (r"division|0 ticks a quarter", "export it with ticks a quarter note, not SMPTE time"),
        (r"meter of|which is no number of 32nd", "mend its time signatures in a notation program"),
        (r"notes; at least", "leave it out: a line this short teaches nothing"),
        (r"cannot read the chord", "write the chord as the message offers, in the file itself"),
        (r"more than .* seconds|process ended", "try it alone, or save it anew from its program"),
        (r"cannot be opened", "check the file's permissions"),
        (r"D\.C\.|repeats make", "write its repeats out"),
    )
)  # fmt: skip


def remedy(reason: str) -> str:
    """What to do about a reason for which something is left out."""
    for pattern, words in _REMEDIES:
        if pattern.search(reason):
            return words
    return "leave it out in the recipe (use = false), or mend the file"

"""Phrase: a line to go on from, as one line of text inside a MIDI file or a receipt."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, final

from seqgen import DataError
from seqgen_jazz.encoding.solo import Note

if TYPE_CHECKING:
    from seqgen_jazz.encoding.solo import Solo

#: Stands before the notes in a MIDI file's text.
MARK: Final = "seqgen-jazz-solo "
_KEYS: Final = (
    *("chart", "notes", "tempo", "instrument", "form", "style", "swing", "band_seed"),
    "told",
)
#: No reader tells more of a file, nor in longer words.
_MOST_TOLD: Final = 12
_MOST_WORDS: Final = 400


@final
@dataclass(frozen=True)
class Phrase:
    """A line to go on from.

    Args:
        notes: Ascending, none overlapping, from the start of their file.
        about: What their file says of itself, where it is of this plugin: chart, tempo,
            instrument and so on; and ``told``, what was read in another way than it stands there.
        pickup: The length in ticks of the pickup of a file of others; no part of the text.
    """

    notes: tuple[Note, ...]
    about: dict[str, Any]
    pickup: int = 0

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return self.notes[-1].end if self.notes else 0

    @property
    def told(self) -> tuple[str, ...]:
        """What a player should know of how it was read, in words."""
        return tuple(self.about.get("told", ()))

    def telling(self, *words: str) -> Phrase:
        """The same phrase with more to tell."""
        told = [*self.told, *words]
        return replace(self, about={**self.about, "told": told}) if told else self

    @property
    def text(self) -> str:
        """The phrase as text, which ``read_phrase`` reads back."""
        notes = [[note.onset, note.duration, note.pitch] for note in self.notes]
        return json.dumps({**self.about, "notes": notes}, separators=(",", ":"))


def solo_line(solo: Solo) -> str:
    """The notes of a solo on the grid and what they are played over, as a line of ASCII text."""
    about: dict[str, Any] = {
        "chart": solo.chart.sheet,
        "tempo": solo.tempo,
        "instrument": solo.instrument,
    }
    if solo.playing is not None:
        playing = solo.playing
        about |= {"form": playing.form, "style": playing.style, "swing": playing.swing}
        about["band_seed"] = playing.seed
    return MARK + Phrase(solo.notes, about).text


def is_phrase_text(text: str) -> bool:
    """Whether this is the text of a phrase, as settled prompts have it, and no name of a file."""
    return text.lstrip().startswith("{")


def _parsed(text: str, where: str) -> Phrase:
    """The phrase in JSON text; nothing in it is trusted."""
    try:
        found = json.loads(text)
        notes = tuple(Note(*(_whole(part) for part in note)) for note in found.pop("notes"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{where}: not the notes of a solo: {error}") from None
    end = 0
    for number, note in enumerate(notes, 1):
        if note.onset < end or note.duration < 1 or not 0 <= note.pitch <= 127:
            raise DataError(f"{where}: note {number} overlaps, is empty, or has no MIDI pitch")
        end = note.end
    unknown = sorted(set(found) - set(_KEYS))
    if unknown:
        raise DataError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}")
    told = found.get("told", [])
    if not isinstance(told, list) or len(told) > _MOST_TOLD or not all(map(_is_words, told)):
        raise DataError(f"{where}: what it tells is no list of up to {_MOST_TOLD} short sentences")
    return Phrase(notes, found)


def _is_words(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= _MOST_WORDS


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r:.40} is no whole number")
    return value

"""Phrase: a line of notes as one line of text, in a MIDI file or in a receipt."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.encoding.solo import Note, Solo, check_notes

#: Precedes the notes of a solo in the text of a MIDI file.
SOLO_LINE_PREFIX: Final = "seqgen-jazz-solo "
_LABELS: Final = (
    *("chart", "notes", "tempo", "instrument", "form", "style", "swing", "band_seed"),
    "notices",
)
#: Bounds of the notices of a phrase, and of the length of each.
_MAX_NOTICES: Final = 12
_MAX_NOTICE: Final = 400


@final
@dataclass(frozen=True)
class Phrase:
    """A line of notes that a solo begins with, or that it changes.

    Args:
        notes: Ascending, without overlap, from the start of their file.
        labels: Values that a file of this plugin stores: chart, tempo, instrument and so on; and
            ``notices`` for the user on how the file was read.
        pickup: The length in ticks of the pickup of a foreign file; not part of the text.
    """

    notes: tuple[Note, ...]
    labels: dict[str, Any]
    pickup: int = 0

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return self.notes[-1].end if self.notes else 0

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages for the user on how the phrase was read."""
        return tuple(self.labels.get("notices", ()))

    def add_notices(self, *notices: str) -> Phrase:
        """The same phrase with further notices."""
        if not notices:
            return self
        return replace(self, labels={**self.labels, "notices": [*self.notices, *notices]})

    def shift(self, ticks: int) -> Phrase:
        """The phrase ``ticks`` later; no note may start before tick 0 then."""
        notes = tuple(note._replace(onset=note.onset + ticks) for note in self.notes)
        return replace(self, notes=notes)

    @property
    def text(self) -> str:
        """The phrase as text, which ``parse_phrase`` parses."""
        notes = [[note.onset, note.duration, note.pitch] for note in self.notes]
        return json.dumps({**self.labels, "notes": notes}, separators=(",", ":"))


def format_solo_line(solo: Solo) -> str:
    """The notes of a solo on its grid, its chart and its labels as a line of ASCII text."""
    labels: dict[str, Any] = {
        "chart": solo.chart.sheet,
        "tempo": solo.tempo,
        "instrument": solo.instrument,
    }
    if (played := solo.performance) is not None:
        labels |= {"form": played.form, "style": played.style, "swing": played.swing}
        labels["band_seed"] = played.seed
    return SOLO_LINE_PREFIX + Phrase(solo.notes, labels).text


def is_phrase_text(text: str) -> bool:
    """Whether this is the text of a phrase, as in resolved options, and no file name."""
    return text.lstrip().startswith("{")


def parse_phrase(text: str, where: str) -> Phrase:
    """Parse the text of a phrase, which may come from an untrusted file.

    Raises:
        DataError: The text is no phrase, or its notes or labels are invalid; the message begins
            with ``where``.
    """
    try:
        labels = json.loads(text)
        notes = tuple(Note(*map(_check_int, note)) for note in labels.pop("notes"))
        if "told" in labels:  # the former name of the notices
            labels["notices"] = labels.pop("told")
        check_notes(notes, inf)
    except DataError as error:
        raise DataError(f"{where}: {error}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{where}: not the notes of a solo: {error}") from None
    unknown = sorted(set(labels) - set(_LABELS))
    if unknown:
        raise DataError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(_LABELS)}")
    notices = labels.get("notices", [])
    if not isinstance(notices, list) or len(notices) > _MAX_NOTICES or not all(map(_fits, notices)):
        raise DataError(
            f"{where}: notices must be a list of up to {_MAX_NOTICES} lines of text of up to "
            f"{_MAX_NOTICE} characters"
        )
    return Phrase(notes, labels)


def _fits(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= _MAX_NOTICE


def _check_int(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r:.40} is no whole number")
    return value

"""Embedded line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from seqgen_jazz.encoding.phrase import SOLO_LINE_PREFIX, Phrase, parse_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence


#: How far, in quarters, a note may sound from its place on the grid before the file counts as
#: edited: swing 4:1 moves an off-beat by 0.3.
_MOVED: Final = 0.4


#: Start and end in quarters, and the pitch, of a note as it is played.
Played = tuple[float, float, int]


def own_phrase(
    texts: Sequence[tuple[int, int, str]], tracks: Sequence[Sequence[Played]], where: str
) -> Phrase | None:
    """The line that a file of this plugin says it plays, exactly on its grid; None where it says
    none, or where no track sounds like it any more.

    Args:
        texts: Tick, kind and text of the texts of a MIDI file.
        tracks: The notes of each track, ascending.
        where: What the file is called in errors.

    Raises:
        DataError: Its text is damaged.
    """
    from seqgen_jazz.readers.midi_events import TEXT

    for _, kind, said in texts:
        if kind == TEXT and said.startswith(SOLO_LINE_PREFIX):
            phrase = parse_phrase(said.removeprefix(SOLO_LINE_PREFIX), where)
            if any(_sounds_like(track, phrase) for track in tracks):
                return phrase
    return None


def _sounds_like(track: Sequence[Played], phrase: Phrase) -> bool:
    """Whether a track is the phrase as somebody plays it, note for note."""
    return len(track) == len(phrase.notes) and all(
        pitch == note.pitch and abs(start - note.onset / 24) <= _MOVED
        for (start, _, pitch), note in zip(track, phrase.notes, strict=True)
    )

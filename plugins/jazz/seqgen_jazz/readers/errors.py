"""Errors of readers, each with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from seqgen import DataError


class SkipReason(Enum):
    """Why a file or a tune is skipped. The value says what a user can do about it."""

    NO_CHORDS = (
        'write its changes into the recipe: chords = "Dm7 | G7 | Cmaj7 | %", or add chord symbols '
        "as markers"
    )
    NO_MELODY = "name the track of the solo in the recipe (melody = 2), or skip the file"
    DUPLICATE = "nothing: the MIDI file of the same solo is read"
    EMPTY = "skip it: there is no music in it"
    DAMAGED = "export or download it again: bytes are missing or wrong"
    OTHER_FORMAT = "save the music itself under this name: this is a file of another kind"
    SEVERAL_SONGS = "save each song as a file of its own"
    TIME_DIVISION = "export it with ticks per quarter note, not SMPTE time"
    METER = "correct its time signatures in a notation program"
    TOO_SHORT = "skip it: such a short line teaches nothing"
    CHORD_SYMBOL = "write the chord in the file as the message suggests"
    NO_ANSWER = "read it alone, or save it again from its program"
    NOT_READABLE = "check the permissions of the file"
    REPEATS = "write out its repeats"
    OTHER = "skip it in the recipe (use = false), or correct the file"


class ReadError(DataError):
    """A file or a tune cannot be used.

    Args:
        message: What is wrong with it.
        reason: The kind of problem.
    """

    def __init__(self, message: str, reason: SkipReason = SkipReason.OTHER) -> None:
        super().__init__(message)
        self.reason = reason


def located(error: DataError, where: str = "", reason: SkipReason = SkipReason.OTHER) -> ReadError:
    """The error with a position before its message; ``reason`` is for an error without one."""
    message = f"{where}: {error}" if where else str(error)
    return ReadError(message, getattr(error, "reason", reason))


@contextmanager
def error_context(where: str = "", reason: SkipReason = SkipReason.OTHER) -> Iterator[None]:
    """Raise a ``DataError`` of the block as ``located`` describes."""
    try:
        yield
    except DataError as error:
        raise located(error, where, reason) from error

"""One door to all readers: the file's ending decides, and only ``DataError`` comes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from seqgen import DataError
from seqgen_jazz.readers.raw_tune import FileRead, RawFile
from seqgen_jazz.readers.recipe import AS_FOUND, FileChoice

MIDI: Final = (".mid", ".midi")
ABC: Final = (".abc",)
MUSICXML: Final = (".xml", ".musicxml", ".mxl")
#: The ending of the Weimar Jazz Database, which is no file of one tune.
WJAZZD: Final = ".db"
#: The endings of all files that can be read, lower case.
SUFFIXES: Final = (*MIDI, *MUSICXML, *ABC)


def read_file(path: Path, choice: FileChoice = AS_FOUND) -> FileRead:
    """The solos of one file; the ``choice`` of a track and of chords is for MIDI only.

    Raises:
        DataError: The file cannot be used; one sentence says why.
    """
    suffix = path.suffix.lower()
    if choice.key and suffix not in MIDI:
        raise DataError("its recipe chooses a track or chords, which is possible for MIDI only")
    with plain_errors(suffix):
        if suffix in MIDI:
            from seqgen_jazz.readers.midi import read_midi

            return read_midi(path, choice)
        if suffix in ABC:
            from seqgen_jazz.readers.abc import read_abc

            return read_abc(path)
        from seqgen_jazz.readers.musicxml import read_musicxml

        return read_musicxml(path)


def read_raw(path: Path, chords: bool = True) -> RawFile:
    """The tunes of one file as they stand there, whatever a corpus would want of them.

    Args:
        path: The file.
        chords: Whether its chords matter; where not, none are inferred.

    Raises:
        DataError: The file cannot be used; one sentence says why.
    """
    suffix = path.suffix.lower()
    with plain_errors(suffix):
        if suffix in MIDI:
            from seqgen_jazz.readers.midi import raw_midi

            return RawFile((raw_midi(path, whole=True),))
        if suffix in ABC:
            from seqgen_jazz.readers.abc import raw_abc

            return raw_abc(path)
        from seqgen_jazz.readers.musicxml import raw_musicxml

        return RawFile((raw_musicxml(path, chords),))


@contextmanager
def plain_errors(suffix: str) -> Iterator[None]:
    """Whatever a reader raises comes out as one sentence."""
    if suffix not in SUFFIXES:
        raise DataError(f"files that end in {suffix!r} are not read; {', '.join(SUFFIXES)} are")
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"it cannot be opened ({error.strerror or error})") from error
    except Exception as error:  # a damaged file must never end the reading of the others
        raise DataError(f"its reader failed ({type(error).__name__}: {error})") from error

"""One door to all readers: the file's ending decides, and only ``DataError`` comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from seqgen import DataError
from seqgen_jazz.reading.choices import AS_FOUND, FileChoice
from seqgen_jazz.reading.raw import FileRead

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
    try:
        if suffix in MIDI:
            from seqgen_jazz.reading.midi import read_midi

            return read_midi(path, choice)
        if suffix in ABC:
            from seqgen_jazz.reading.abc import read_abc

            return read_abc(path)
        if suffix in MUSICXML:
            from seqgen_jazz.reading.notation import read_musicxml

            return read_musicxml(path)
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"it cannot be opened ({error.strerror or error})") from error
    except Exception as error:  # a damaged file must never end the reading of the others
        raise DataError(f"its reader failed ({type(error).__name__}: {error})") from error
    raise DataError(f"files that end in {suffix!r} are not read; {', '.join(SUFFIXES)} are")

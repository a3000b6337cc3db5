"""Read a music file of any supported kind. A damaged file raises ``ReadError`` and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from seqgen import DataError
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.readers.errors import ReadError, SkipReason
from seqgen_jazz.readers.quantize import quantize
from seqgen_jazz.readers.raw_tune import AS_FOUND, Count, FileChoice, FileRead, RawFile, SkippedTune

MIDI: Final = (".mid", ".midi")
ABC: Final = (".abc",)
MUSICXML: Final = (".xml", ".musicxml", ".mxl")
#: The suffix of the Weimar Jazz Database.
WJAZZD: Final = ".db"
#: The suffixes of all files that can be read, lower case.
SUFFIXES: Final = (*MIDI, *MUSICXML, *ABC)


def read_file(path: Path, choice: FileChoice = AS_FOUND) -> FileRead:
    """The solos of a file, or why it is skipped.

    Args:
        path: The file.
        choice: Its melody track and chords, for MIDI only.
    """
    try:
        if choice.key and path.suffix.lower() not in MIDI:
            raise ReadError("its recipe chooses a track or chords; only MIDI supports that")
        return quantize_file(read_raw(path, choice))
    except DataError as error:
        return FileRead(skipped=(SkippedTune.from_error("", error),))


def quantize_file(raw: RawFile) -> FileRead:
    """The solos of a file. If none of its tunes can be used, the file is skipped."""
    solos: list[Solo] = []
    skipped = list(raw.skipped)
    counts: Counter[Count] = Counter()
    for tune in raw.tunes:
        try:
            with plain_errors():
                solo, changes = quantize(tune)
        except DataError as error:
            skipped.append(SkippedTune.from_error(tune.label, error))
        else:
            solos.append(solo)
            counts += changes
    if solos or not skipped[0].label:
        return FileRead(tuple(solos), tuple(skipped), counts)
    label, message, reason = skipped[0]
    message = f"none of its {len(skipped)} tunes can be used: {label}: {message}"
    return FileRead.skip(message, reason)


def read_raw(
    path: Path, choice: FileChoice = AS_FOUND, chart_only: bool = False, infer: bool = True
) -> RawFile:
    """The tunes of a file before quantization.

    Args:
        path: The file.
        choice: Melody track and chords of a MIDI file.
        chart_only: Whether only the chart of a MIDI file is wanted.
        infer: Whether chords of a MusicXML file are inferred if it has no symbols.

    Raises:
        ReadError: The file cannot be used.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        message = f"the suffix {suffix!r} is not supported; supported are {', '.join(SUFFIXES)}"
        raise ReadError(message, SkipReason.OTHER_FORMAT)
    with plain_errors():
        if suffix in MIDI:
            from seqgen_jazz.readers.midi import read_midi

            return RawFile((read_midi(path, choice, chart_only),))
        if suffix in ABC:
            from seqgen_jazz.readers.abc import read_abc

            return read_abc(path)
        from seqgen_jazz.readers.musicxml import read_musicxml

        return RawFile((read_musicxml(path, infer),))


@contextmanager
def plain_errors() -> Iterator[None]:
    """Raise any error of a reader as a ``DataError``: one damaged file must not stop the others."""
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        message = f"it cannot be opened ({error.strerror or error})"
        raise ReadError(message, SkipReason.NOT_READABLE) from error
    except Exception as error:
        message = f"its reader failed ({type(error).__name__}: {error})"
        raise ReadError(message, SkipReason.DAMAGED) from error

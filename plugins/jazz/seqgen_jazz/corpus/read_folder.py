"""Read a folder of music: every file once, slow ones in parallel, from the cache if possible."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from seqgen import DataError
from seqgen_jazz.corpus.read_cache import ReadCache
from seqgen_jazz.readers.errors import SkipReason
from seqgen_jazz.readers.raw_tune import AS_FOUND, FileChoice, FileRead
from seqgen_jazz.readers.read_file import MUSICXML, SUFFIXES, read_file

_MAX_PROCESSES: Final = 4
#: The receipt is in the first bytes of a MusicXML file.
_HEAD: Final = 4096


def find_files(source: Path) -> tuple[list[Path], list[Path]]:
    """The files that can be read, sorted, and those of other kinds.

    Raises:
        DataError: The path does not exist, or contains no file that can be read.
    """
    readable = ", ".join(SUFFIXES)
    if not source.exists():
        raise DataError(f"{source} does not exist; give a file or a folder of music ({readable})")
    if source.is_file():
        if source.suffix.lower() not in SUFFIXES:
            raise DataError(f"{source} is not a supported kind of file; supported are {readable}")
        return [source], []
    found = sorted(map(Path, _walk(source)), key=lambda path: path.parts)
    files = [path for path in found if path.suffix.lower() in SUFFIXES]
    if not files:
        raise DataError(f"{source} contains no music ({readable}) among its {len(found)} files")
    return files, [path for path in found if path.suffix.lower() not in SUFFIXES]


def _walk(folder: Path) -> Iterator[str]:
    """The files in a folder and its subfolders, without hidden ones, linked folders and folders
    without read permission."""
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.is_file():
                        yield entry.path
        except PermissionError:
            continue


def read_all(
    files: Sequence[Path], choices: Mapping[Path, FileChoice]
) -> tuple[dict[Path, FileRead], str]:
    """The contents of every file, from the cache if possible, and a problem with the cache."""
    from seqgen_jazz.corpus.read_cache import ReadCache, cache_folder, load

    cache = ReadCache(cache_folder())
    with _progress(len(files)) as advance:
        with _paused_garbage_collection():
            reads, keys = _cached(files, choices, cache, advance)
        missing = [path for path in files if path not in reads]
        for path, content, lasting in _read_files(missing, choices):
            if lasting:
                cache.put(keys[path], content)
            reads[path] = load(content)  # the same objects as from the cache
            advance()
    return reads, cache.problem


@contextmanager
def _paused_garbage_collection() -> Iterator[None]:
    """For the creation of very many objects that are all kept: the garbage collector would visit
    them again and again. They are then moved to the oldest generation.
    """
    if not gc.isenabled() or gc.get_freeze_count():  # the caller controls it
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()


def _cached(
    files: Sequence[Path],
    choices: Mapping[Path, FileChoice],
    cache: ReadCache,
    advance: Callable[[], None],
) -> tuple[dict[Path, FileRead], dict[Path, str]]:
    """The contents of files that need no reading, and the cache keys of the others."""
    reads: dict[Path, FileRead] = {}
    keys: dict[Path, str] = {}
    names = set(files)
    for path in files:
        try:
            if _is_written_page(path, names):
                message = f"it is the score of {path.stem}.mid, which has every tick"
                reads[path] = FileRead.skip(message, SkipReason.DUPLICATE)
            else:
                keys[path] = cache.key(path, choices.get(path, AS_FOUND).key)
                read = cache.get(keys[path])
                if read is None:
                    continue
                reads[path] = read
        except OSError as error:
            message = f"it cannot be opened ({error.strerror or error})"
            reads[path] = FileRead.skip(message, SkipReason.NOT_READABLE)
        advance()
    return reads, keys


def _is_written_page(path: Path, files: Set[Path]) -> bool:
    """Whether a file is a score that this plugin wrote next to a MIDI file that is also read.

    Raises:
        OSError: It cannot be opened.
    """
    if path.suffix != ".musicxml" or path.with_suffix(".mid") not in files:
        return False
    with path.open("rb") as file:
        return b'"seqgen-receipt"' in file.read(_HEAD)


def _read_files(
    paths: Sequence[Path], choices: Mapping[Path, FileChoice]
) -> Iterator[tuple[Path, bytes, bool]]:
    """The stored forms of files, and whether to cache them: slow files in child processes."""
    from seqgen_jazz.corpus.read_cache import dump
    from seqgen_jazz.corpus.reader_pool import read_in_processes

    # A choice that MusicXML does not support is refused here, before the file is parsed.
    slow = [
        path
        for path in paths
        if path.suffix.lower() in MUSICXML and not choices.get(path, AS_FOUND).key
    ]
    for path in paths:
        if path not in slow:
            yield path, dump(read_file(path, choices.get(path, AS_FOUND))), True
    if slow:
        # Two processes even on one core: a file that hangs must not stop the others.
        cores = min(_MAX_PROCESSES, os.cpu_count() or 2)
        yield from read_in_processes(slow, min(len(slow), max(2, cores)))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("reading music"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)

"""A folder of music: every file read once, in parallel where slow, kept in the cache."""

from __future__ import annotations

import gc
import os
import sys
from binascii import a2b_base64
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from seqgen import DataError
from seqgen_jazz.readers.raw_tune import Answer
from seqgen_jazz.readers.read_file import MUSICXML, SUFFIXES, read_file
from seqgen_jazz.readers.recipe import AS_FOUND, FileChoice

if TYPE_CHECKING:
    from seqgen_jazz.corpus.cache import ReadCache

_MOST_PROCESSES: Final = 4
#: The field of a receipt stands within so many bytes of a page.
_HEAD: Final = 4096


def find_files(source: Path) -> tuple[list[Path], list[Path]]:
    """The files to read, sorted, and those of kinds that are not read."""
    readable = ", ".join(SUFFIXES)
    if not source.exists():
        raise DataError(f"{source} does not exist; give a file or a folder of music ({readable})")
    if source.is_file():
        if source.suffix.lower() not in SUFFIXES:
            raise DataError(f"{source} is of a kind that is not read; {readable} are")
        return [source], []
    found = sorted(map(Path, _inside(source)), key=lambda path: path.parts)
    files = [path for path in found if path.suffix.lower() in SUFFIXES]
    if not files:
        raise DataError(
            f"{source} holds no music that can be read ({readable}) "
            f"among its {len(found)} files; give another folder"
        )
    return files, [path for path in found if path.suffix.lower() not in SUFFIXES]


def _inside(folder: Path) -> Iterator[str]:
    """The files in a folder and in those inside it; hidden ones, folders behind links and those
    that may not be opened are left aside."""
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


def outcome(path: Path, choice: FileChoice = AS_FOUND) -> Answer:
    """What a file gave, or the reason why nothing."""
    try:
        return read_file(path, choice)
    except DataError as error:
        return str(error)


def read_all(
    files: Sequence[Path], choices: Mapping[Path, FileChoice]
) -> tuple[dict[Path, Answer], str]:
    """Every file's answer, from the cache where it has one, and the trouble of the cache."""
    from seqgen_jazz.corpus.cache import ReadCache, cache_folder, load

    cache = ReadCache(cache_folder())
    with _progress(len(files)) as advance:
        with _only_growing():
            answers, keys = _kept(files, choices, cache, advance)
        todo = [path for path in files if path not in answers]
        for path, content, lasting in _read_new(todo, choices):
            if lasting:
                cache.put(keys[path], content)
            answers[path] = load(content)  # not what was read: every run sees what is kept
            advance()
    return answers, cache.trouble


@contextmanager
def _only_growing() -> Iterator[None]:
    """For making very many objects that all stay: Python's search for garbage, which goes over
    them again and again and finds none, waits, and then takes them for old ones at once.
    """
    if not gc.isenabled() or gc.get_freeze_count():  # whoever rules over it goes on to
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.enable()


def _kept(
    files: Sequence[Path],
    choices: Mapping[Path, FileChoice],
    cache: ReadCache,
    advance: Callable[[], None],
) -> tuple[dict[Path, Answer], dict[Path, str]]:
    """The answers that need no reading, and the cache's key of every file that may be read."""
    answers: dict[Path, Answer] = {}
    keys: dict[Path, str] = {}
    given = set(files)
    for path in files:
        try:
            if _is_page(path, given):
                answers[path] = f"it is the page of {path.stem}.mid, which has every tick"
            else:
                keys[path] = cache.key(path, _choice(path, choices))
                kept = cache.get(keys[path])
                if kept is None:
                    continue
                answers[path] = kept
        except OSError as error:
            answers[path] = f"it cannot be opened ({error.strerror or error})"
        advance()
    return answers, keys


def _is_page(path: Path, files: Set[Path]) -> bool:
    """Whether a file is a page that this plugin wrote beside a MIDI file that is read too.

    Raises:
        OSError: It cannot be opened.
    """
    if path.suffix != ".musicxml" or path.with_suffix(".mid") not in files:
        return False
    with path.open("rb") as file:
        return b'"seqgen-receipt"' in file.read(_HEAD)


def _read_new(
    paths: Sequence[Path], choices: Mapping[Path, FileChoice]
) -> Iterator[tuple[Path, bytes, bool]]:
    """Answers in their stored form, and whether they last: quick readers here, slow ones in
    processes of their own."""
    from seqgen_jazz.corpus.cache import dump
    from seqgen_jazz.corpus.reader_pool import ReaderPool

    # A choice that MusicXML cannot have is refused here, before a slow parser sees the file.
    slow = [
        path for path in paths if path.suffix.lower() in MUSICXML and not _choice(path, choices)
    ]
    for path in paths:
        if path in slow:
            continue
        yield path, dump(outcome(path, choices.get(path, AS_FOUND))), True
    if slow:
        with ReaderPool(_processes(len(slow))) as pool:
            for path, told in pool.read(slow):
                content = a2b_base64(told["read"]) if "read" in told else dump(told["error"])
                yield path, content, "passing" not in told


def _choice(path: Path, choices: Mapping[Path, FileChoice]) -> str:
    return choices.get(path, AS_FOUND).key


def _processes(files: int) -> int:
    """Two processes even on one core: a file that hangs must not stop the others."""
    return min(files, max(2, min(_MOST_PROCESSES, os.cpu_count() or 2)))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error, only where a person sees it."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("reading music"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)

"""A folder of music: every file read once, in parallel where slow, kept in the cache."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.reading.choices import AS_FOUND, FileChoice
from seqgen_jazz.reading.raw import FileRead
from seqgen_jazz.reading.reader import MUSICXML, SUFFIXES, read_file

_MOST_PROCESSES: Final = 4
#: The field of a receipt stands within so many bytes of a page.
_HEAD: Final = 4096

#: What a file gave, or the reason why nothing.
Answer = FileRead | str


def find_files(source: Path) -> tuple[list[Path], list[Path]]:
    """The files to read, sorted, and those of kinds that are not read."""
    readable = ", ".join(SUFFIXES)
    if not source.exists():
        raise DataError(f"{source} does not exist; give a file or a folder of music ({readable})")
    if source.is_file():
        if source.suffix.lower() not in SUFFIXES:
            raise DataError(f"{source} is of a kind that is not read; {readable} are")
        return [source], []
    found = sorted(
        path
        for path in source.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    )
    files = [path for path in found if path.suffix.lower() in SUFFIXES]
    if not files:
        raise DataError(
            f"{source} holds no music that can be read ({readable}) "
            f"among its {len(found)} files; give another folder"
        )
    return files, [path for path in found if path.suffix.lower() not in SUFFIXES]


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
    from seqgen_jazz.reading.cache import ReadCache, cache_folder

    cache = ReadCache(cache_folder())
    answers: dict[Path, Answer] = {}
    keys: dict[Path, str] = {}
    given = set(files)
    with _progress(len(files)) as advance:
        for path in files:
            try:
                if _is_page(path, given):
                    answers[path] = f"it is the page of {path.stem}.mid, which has every tick"
                    advance()
                    continue
                keys[path] = cache.key(path, choices.get(path, AS_FOUND).key)
            except OSError as error:
                answers[path] = f"it cannot be opened ({error.strerror or error})"
                advance()
                continue
            kept = cache.get(keys[path])
            if kept is not None:
                answers[path] = kept
                advance()
        todo = [path for path in files if path not in answers]
        for path, answer in _read_new(todo, choices):
            if not answer.pop("passing", False):
                cache.put(keys[path], answer)
            answers[path] = _loaded(answer)
            advance()
    return answers, cache.trouble


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
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Answers in their plain form: quick readers here, slow ones in processes of their own."""
    from seqgen_jazz.reading.children import ReaderPool
    from seqgen_jazz.reading.record import dump

    # A choice that MusicXML cannot have is refused here, before a slow parser sees the file.
    slow = [
        path for path in paths if path.suffix.lower() in MUSICXML and not _choice(path, choices)
    ]
    for path in paths:
        if path in slow:
            continue
        found = outcome(path, choices.get(path, AS_FOUND))
        yield path, {"error": found} if isinstance(found, str) else {"read": dump(found)}
    if slow:
        with ReaderPool(_processes(len(slow))) as pool:
            yield from pool.read(slow)


def _choice(path: Path, choices: Mapping[Path, FileChoice]) -> str:
    return choices.get(path, AS_FOUND).key


def _processes(files: int) -> int:
    """Two processes even on one core: a file that hangs must not stop the others."""
    import os

    return min(files, max(2, min(_MOST_PROCESSES, os.cpu_count() or 2)))


def _loaded(answer: dict[str, Any]) -> Answer:
    from seqgen_jazz.reading.record import load

    return load(answer["read"]) if "read" in answer else str(answer["error"])


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

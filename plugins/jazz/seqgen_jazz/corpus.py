"""The corpus of the jazz domain: files and folders of music, or the tunes the plugin ships."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from seqgen import Corpus, DataError, LeftOut
from seqgen_jazz.reading.raw import FileRead
from seqgen_jazz.reading.reader import MUSICXML, SUFFIXES, read_file
from seqgen_jazz.solo import Solo

_DATA: Final = Path(__file__).parent / "data"
#: What marks a take of a tune at the end of its title: "(take 2)", "no. 3", "chorus 1", "2".
_TAKE: Final = re.compile(
    r"[\s,(#]+(?:(?:alternate |alt )?(?:take|chorus|solo|no|nr)[.\s#]*\d*|\d+)\)?$"
)
_LICENCE: Final = "CC0-1.0, written by the seqgen project"
_MOST_PROCESSES: Final = 4
_SHARES: Final = {
    "onsets moved": "onsets moved by more than 1/48 beat",
    "notes trimmed": "notes cut at the next onset",
    "short rests closed": "rests under 1/6 beat closed",
    "second voices dropped": "notes of second voices dropped",
}


def load_corpus(source: Path | None = None) -> Corpus[Solo]:
    """Load solos from a file or a folder, or the plugin's own tunes when ``source`` is None.

    MIDI, MusicXML (.xml, .musicxml, .mxl) and ABC are read; folders with all inside them,
    hidden files left aside. Slow files are read by several processes, and what was read is
    kept under the user's cache folder (or the one SEQGEN_CACHE names). Every file and tune
    that cannot be used stands in ``left_out`` with its reason.

    Raises:
        DataError: The path is missing, holds nothing that can be read, or nothing usable.
    """
    if source is None:
        files = sorted(_DATA.glob("*.abc"))
        if not files:
            raise DataError(f"the plugin's own tunes are missing: no .abc files in {_DATA}")
        answers = {path: _outcome(path) for path in files}
        return _corpus(files, _DATA, answers, {}, _LICENCE)
    files, others = _files(Path(source))
    base = Path(source) if Path(source).is_dir() else Path(source).parent
    extra: dict[str, str] = {}
    if others:
        kinds = sorted({path.suffix.lower() or path.name for path in others})
        extra["files of other kinds passed over"] = f"{len(others)} ({', '.join(kinds[:8])})"
    answers, trouble = _read_all(files)
    if trouble:
        extra["cache"] = trouble
    return _corpus(files, base, answers, extra, "")


def _files(source: Path) -> tuple[list[Path], list[Path]]:
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


_Answer = FileRead | str


def _outcome(path: Path) -> _Answer:
    """What a file gave, or the reason why nothing."""
    try:
        return read_file(path)
    except DataError as error:
        return str(error)


def _read_all(files: Sequence[Path]) -> tuple[dict[Path, _Answer], str]:
    """Every file's answer, from the cache where it has one, and the trouble of the cache."""
    from seqgen_jazz.reading.cache import ReadCache, cache_folder

    cache = ReadCache(cache_folder())
    answers: dict[Path, _Answer] = {}
    keys: dict[Path, str] = {}
    with _progress(len(files)) as advance:
        for path in files:
            try:
                keys[path] = cache.key(path)
            except OSError as error:
                answers[path] = f"it cannot be opened ({error.strerror or error})"
                advance()
                continue
            kept = cache.get(keys[path])
            if kept is not None:
                answers[path] = _loaded(kept)
                advance()
        todo = [path for path in files if path not in answers]
        for path, answer in _read_new(todo):
            if not answer.pop("passing", False):
                cache.put(keys[path], answer)
            answers[path] = _loaded(answer)
            advance()
    return answers, cache.trouble


def _read_new(paths: Sequence[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Answers in their plain form: quick readers here, slow ones in processes of their own."""
    from seqgen_jazz.reading.children import ReaderPool
    from seqgen_jazz.reading.record import dump

    slow = [path for path in paths if path.suffix.lower() in MUSICXML]
    for path in paths:
        if path.suffix.lower() in MUSICXML:
            continue
        outcome = _outcome(path)
        yield path, {"error": outcome} if isinstance(outcome, str) else {"read": dump(outcome)}
    if slow:
        with ReaderPool(_processes(len(slow))) as pool:
            yield from pool.read(slow)


def _processes(files: int) -> int:
    """Two processes even on one core: a file that hangs must not stop the others."""
    import os

    return min(files, max(2, min(_MOST_PROCESSES, os.cpu_count() or 2)))


def _loaded(answer: dict[str, Any]) -> _Answer:
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


def _corpus(
    files: Sequence[Path],
    base: Path,
    answers: dict[Path, _Answer],
    extra: dict[str, str],
    licence: str,
) -> Corpus[Solo]:
    solos: list[Solo] = []
    sources: list[str] = []
    left_out: list[LeftOut] = []
    counts: Counter[str] = Counter()
    for path in files:
        name = path.relative_to(base).as_posix()
        answer = answers[path]
        if isinstance(answer, str):
            left_out.append(LeftOut(name, answer))
            continue
        solos += answer.solos
        sources += [name] * len(answer.solos)
        left_out += [LeftOut(f"{name}: {what}", why) for what, why in answer.left_out]
        counts += answer.counts
    if not solos:
        shown = "; ".join(f"{entry.what}: {entry.why}" for entry in left_out[:3])
        raise DataError(f"none of the {len(files)} files can be used: {shown}")
    refused = sum(isinstance(answers[path], str) for path in files)
    notes = {"files": f"{len(files) - refused} read, {refused} left out", **_notes(counts), **extra}
    groups = tuple(tune_name(solo.title) for solo in solos)
    return Corpus(tuple(solos), tuple(left_out), groups, notes, licence, tuple(sources))


def _notes(counts: Counter[str]) -> dict[str, str]:
    """The counters as facts for the data card; shares where a share says more."""
    notes = {name: f"{counts[name]:,}" for name in ("solos", "bars", "notes")}
    onsets = max(1, counts["onsets"])
    for name, label in _SHARES.items():
        if counts[name]:
            notes[label] = f"{counts[name]:,} ({100 * counts[name] / onsets:.1f} %)"
    told = {"solos", "bars", "notes", "onsets", *_SHARES}
    rest = sorted(name for name in counts if name not in told and counts[name])
    return {**notes, **{name: f"{counts[name]:,}" for name in rest}}


def tune_name(title: str) -> str:
    """The tune behind a title: takes, choruses and solos of one tune give one name.

    A file stem like "Player_TheTune-2_Solo" names the tune in its second part.
    """
    parts = title.split("_")
    if len(parts) >= 3 and parts[-1].lower() == "solo":
        title = parts[1]
    name = re.sub(r"[-_\s]+", " ", title).strip().casefold()
    name = _TAKE.sub("", name)
    return name.strip() or title.casefold()

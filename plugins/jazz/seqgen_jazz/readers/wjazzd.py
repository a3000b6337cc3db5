"""The reader of the Weimar Jazz Database (wjazzd.db): solos by a condition, never written to."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.readers.quantize import fit
from seqgen_jazz.readers.raw_tune import FileRead
from seqgen_jazz.readers.wjazzd_solo import BeatRow, NoteRow, raw_solo

_TABLES: Final = frozenset(
    {
        *("melody", "beats", "sections", "melody_type", "solo_info", "transcription_info"),
        *("track_info", "record_info", "composition_info", "esac_info", "popsong_info"),
        "db_info",
    }
)
_FUNCTIONS: Final = frozenset(
    {
        *("like", "glob", "lower", "upper", "length", "substr", "substring", "instr", "trim"),
        *("ltrim", "rtrim", "replace", "abs", "round", "coalesce", "ifnull", "nullif"),
        *("min", "max", "count", "sum", "avg", "total"),
    }
)
#: Steps of SQLite's machine that a condition may take, some seconds of them.
_MOST_STEPS: Final = 200_000_000
_NOTICE: Final = "ODbL-1.0, Weimar Jazz Database of the Jazzomat Research Project"
_CHOSEN: Final = (
    "SELECT melid FROM solo_info WHERE melid IN (SELECT melid FROM melody_type WHERE type = 'SOLO')"
)
#: Whole tables in order: the file has no index by solo, so asking for each solo is slow.
_NOTES: Final = """
SELECT melid, bar, beat, tatum, division, period, pitch, duration, beatdur
FROM melody ORDER BY melid, eventid
"""
_BEATS: Final = "SELECT melid, bar, beat, signature, chord FROM beats ORDER BY melid, beatid"
_ABOUT: Final = "SELECT melid, performer, title, avgtempo FROM solo_info"


@final
@dataclass(frozen=True, slots=True)
class DatabaseRead:
    """What a database gave.

    Args:
        read: Its solos, those left out with reasons, and the counts.
        groups: The tune of each solo: solos on one tune stay together.
        licence: The notice that goes with the data, in the words of the database.
        release: Name and release of the database.
    """

    read: FileRead
    groups: tuple[str, ...]
    licence: str
    release: str


def read_wjazzd(path: Path, where: str = "") -> DatabaseRead:
    """The solos of a Weimar Jazz Database.

    Args:
        path: The SQLite file; it is opened for reading only.
        where: An SQL condition on ``solo_info`` (``performer = 'Charlie Parker'``), "" for all;
            other tables by their numbers (``compid IN (SELECT compid FROM composition_info
            WHERE form = 'AABA')``).

    Raises:
        DataError: It is no such database, the condition cannot be used, or no solo meets it.
    """
    if not path.is_file():
        raise DataError(f"there is no database {path}")
    with closing(_open(path)) as database:
        try:
            chosen = _chosen(database, where)
            licence, release = _notice(database)
            return _read(database, chosen, licence, release)
        except sqlite3.Error as error:
            raise DataError(
                f"{path} is no Weimar Jazz Database that can be read ({error})"
            ) from error


def _open(path: Path) -> sqlite3.Connection:
    """The database, for looking only: SELECT on its known tables, and plain functions."""
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    database.set_authorizer(_authorize)
    return database


def _authorize(
    action: int, first: str | None, second: str | None, _base: str | None, _inner: str | None
) -> int:
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and (first or "").lower() in _TABLES:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _chosen(database: sqlite3.Connection, where: str) -> list[int]:
    """The numbers of the solos that meet a condition, in their order."""
    _probe(database)
    # A line of its own: a comment at the end of the condition must not swallow what follows.
    condition = f"AND (\n{where}\n)" if where.strip() else ""
    database.set_progress_handler(lambda: 1, _MOST_STEPS)
    try:
        rows = database.execute(f"{_CHOSEN} {condition} ORDER BY melid").fetchall()
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise DataError(
            f"where {where!r} cannot be used ({error}); it is an SQL condition on solo_info such "
            "as \"performer = 'Charlie Parker' AND style = 'BEBOP'\""
        ) from error
    finally:
        database.set_progress_handler(None, 0)
    if not rows:
        meets = f"no solo meets where {where!r}" if where else "the database holds no solos"
        raise DataError(f"{meets}; performers are {_performers(database)}")
    return [int(row[0]) for row in rows]


def _probe(database: sqlite3.Connection) -> None:
    """A file of another kind is told as that, not as a condition that cannot be used."""
    database.execute(f"{_CHOSEN} LIMIT 1").fetchone()


def _performers(database: sqlite3.Connection) -> str:
    names = [
        str(row[0])
        for row in database.execute("SELECT DISTINCT performer FROM solo_info ORDER BY 1")
    ]
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (", ".join(names[:12]) or "none") + more


def _notice(database: sqlite3.Connection) -> tuple[str, str]:
    """The licence as the database tells it, with who is to be named, and its release."""
    try:
        row = database.execute("SELECT name, release, license FROM db_info").fetchone()
    except sqlite3.Error:
        row = None
    if row is None or not row[2]:
        return _NOTICE, "Weimar Jazz Database (it does not tell its release)"
    return f"{row[2]} ({_NOTICE})", f"{row[0]} {row[1]}".strip()


def _read(
    database: sqlite3.Connection, chosen: list[int], licence: str, release: str
) -> DatabaseRead:
    solos: list[Solo] = []
    groups: list[str] = []
    skipped: list[tuple[str, str]] = []
    counts: Counter[str] = Counter()
    notes, beats = _by_solo(database, _NOTES, chosen), _by_solo(database, _BEATS, chosen)
    about = _by_solo(database, _ABOUT, chosen)
    for number in chosen:
        performer, title, tempo = about[number][0]
        name = f"{performer}: {title}"
        try:
            own = (NoteRow(*row) for row in notes[number])
            raw = raw_solo(own, (BeatRow(*row) for row in beats[number]), name, tempo)
            solo, fitted = fit(raw)
        except (DataError, TypeError, ValueError) as error:
            skipped.append((f"solo {number} {name!r}", str(error)))
            continue
        solos.append(solo)
        groups.append(str(title).casefold().strip())
        counts += fitted
    return DatabaseRead(
        FileRead(tuple(solos), tuple(skipped), counts), tuple(groups), licence, release
    )


def _by_solo(
    database: sqlite3.Connection, question: str, chosen: list[int]
) -> dict[int, list[tuple[Any, ...]]]:
    """The rows of each chosen solo, without its number."""
    found: dict[int, list[tuple[Any, ...]]] = {number: [] for number in chosen}
    for number, *row in database.execute(question):
        if number in found:
            found[number].append(tuple(row))
    return found

"""Read the Weimar Jazz Database (wjazzd.db): solos selected by an SQL condition, read-only."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.errors import ReadError, SkipReason, error_context
from seqgen_jazz.readers.meters_and_measures import bar_ticks, check_meter
from seqgen_jazz.readers.quantize import quantize
from seqgen_jazz.readers.raw_tune import Count, FileRead, RawNote, RawTune, SkippedTune

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
#: The maximum number of SQLite instructions of a condition: some seconds.
_MAX_STEPS: Final = 200_000_000
_LICENCE: Final = "ODbL-1.0, Weimar Jazz Database of the Jazzomat Research Project"
_SOLOS: Final = (
    "SELECT melid FROM solo_info WHERE melid IN (SELECT melid FROM melody_type WHERE type = 'SOLO')"
)
#: Entire tables in order: the file has no index by solo, so a query per solo is slow.
_NOTES: Final = """
SELECT melid, bar, beat, tatum, division, period, pitch, duration, beatdur
FROM melody ORDER BY melid, eventid
"""
_BEATS: Final = "SELECT melid, bar, beat, signature, chord FROM beats ORDER BY melid, beatid"
_ABOUT: Final = "SELECT melid, performer, title, avgtempo FROM solo_info"
_SIGNATURE: Final = re.compile(r"\s*'?(\d+)/(\d+)'?\s*")
_MAX_BARS: Final = 5_000


@final
@dataclass(frozen=True, slots=True)
class DatabaseRead:
    """The contents of a database.

    Args:
        read: Its solos, the skipped ones with reasons, and counts.
        groups: The tune of each solo: solos on one tune are kept together.
        licence: The licence notice of the data, in the words of the database.
        release: Name and release of the database.
    """

    read: FileRead
    groups: tuple[str, ...]
    licence: str
    release: str


def read_wjazzd(path: Path, where: str = "") -> DatabaseRead:
    """The solos of a Weimar Jazz Database.

    Args:
        path: The SQLite file; it is opened read-only.
        where: An SQL condition on ``solo_info`` (``performer = 'Charlie Parker'``), "" for all.
            Other tables are joined by their keys (``compid IN (SELECT compid FROM
            composition_info WHERE form = 'AABA')``).

    Raises:
        DataError: It is not such a database, or the condition is invalid or matches no solo.
    """
    if not path.is_file():
        raise DataError(f"there is no database {path}")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        database.set_authorizer(_authorize)
        try:
            chosen = _select(database, where)
            return _read(database, chosen, *_notice(database))
        except sqlite3.Error as error:
            raise DataError(f"{path} is not a readable Weimar Jazz Database ({error})") from error


def _authorize(
    action: int, first: str | None, second: str | None, _base: str | None, _inner: str | None
) -> int:
    """Allow SELECT on the known tables, and plain functions."""
    allowed = (
        action == sqlite3.SQLITE_SELECT
        or (action == sqlite3.SQLITE_READ and (first or "").lower() in _TABLES)
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS)
    )
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _select(database: sqlite3.Connection, where: str) -> list[int]:
    """The numbers of the solos that match a condition, in their order."""
    # A file of another kind fails here, not with an error about the condition.
    database.execute(f"{_SOLOS} LIMIT 1").fetchone()
    # On a line of its own: a comment at the end of the condition ends there.
    condition = f"AND (\n{where}\n)" if where.strip() else ""
    database.set_progress_handler(lambda: 1, _MAX_STEPS)
    try:
        rows = database.execute(f"{_SOLOS} {condition} ORDER BY melid").fetchall()
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise DataError(
            f"where {where!r} cannot be used ({error}); it is an SQL condition on solo_info such "
            "as \"performer = 'Charlie Parker' AND style = 'BEBOP'\""
        ) from error
    finally:
        database.set_progress_handler(None, 0)
    if not rows:
        problem = f"where {where!r} matches no solo" if where else "the database has no solos"
        raise DataError(f"{problem}; performers are {_performers(database)}")
    return [int(row[0]) for row in rows]


def _performers(database: sqlite3.Connection) -> str:
    rows = database.execute("SELECT DISTINCT performer FROM solo_info ORDER BY 1").fetchall()
    more = f" and {len(rows) - 12} more" if len(rows) > 12 else ""
    return (", ".join(str(row[0]) for row in rows[:12]) or "none") + more


def _notice(database: sqlite3.Connection) -> tuple[str, str]:
    """The licence as stated in the database, with its authors, and the release."""
    try:
        row = database.execute("SELECT name, release, license FROM db_info").fetchone()
    except sqlite3.Error:
        row = None
    if row is None or not row[2]:
        return _LICENCE, "Weimar Jazz Database (unknown release)"
    return f"{row[2]} ({_LICENCE})", f"{row[0]} {row[1]}".strip()


def _read(
    database: sqlite3.Connection, chosen: list[int], licence: str, release: str
) -> DatabaseRead:
    solos: list[Solo] = []
    groups: list[str] = []
    skipped: list[SkippedTune] = []
    counts: Counter[Count] = Counter()
    notes, beats, about = (_rows(database, query, chosen) for query in (_NOTES, _BEATS, _ABOUT))
    for number in chosen:
        _, performer, title, tempo = about[number][0]
        name = f"{performer}: {title}"
        try:
            solo, changes = quantize(raw_solo(notes[number], beats[number], name, tempo))
        except (DataError, TypeError, ValueError) as error:
            skipped.append(SkippedTune.from_error(f"solo {number} {name!r}", error))
            continue
        solos.append(solo)
        groups.append(str(title).casefold().strip())
        counts += changes
    read = FileRead(tuple(solos), tuple(skipped), counts)
    return DatabaseRead(read, tuple(groups), licence, release)


def _rows(
    database: sqlite3.Connection, query: str, chosen: list[int]
) -> dict[int, list[sqlite3.Row]]:
    """The rows of each chosen solo."""
    found: dict[int, list[sqlite3.Row]] = {number: [] for number in chosen}
    for row in database.execute(query):
        if row["melid"] in found:
            found[row["melid"]].append(row)
    return found


def raw_solo(
    notes: Iterable[sqlite3.Row], beats: Sequence[sqlite3.Row], title: str, tempo: Any
) -> RawTune:
    """The tune of the rows of a solo; bars before the first full one are pickups.

    The onset of a note is its bar, beat and tatum, which count from 1. Its length in beats is its
    duration in seconds divided by that of its beat. A signature or chord is valid until the next.

    Raises:
        ReadError: There are no beats, or a signature or chord cannot be read.
        TypeError, ValueError: A field is empty or of the wrong type.
    """
    if not beats:
        raise ReadError("it has no beats", SkipReason.EMPTY)
    grid = _BeatGrid(beats)
    chords = []
    for row in beats:
        bar, beat = row["bar"], row["beat"]
        if symbol := (row["chord"] or "").strip():
            with error_context(f"bar {bar}, beat {beat}", SkipReason.CHORD_SYMBOL):
                chord = parse_chord(symbol)
            chords.append((grid.position(bar, beat - 1, grid.periods.get(bar, 0)), chord))
    raw_notes = tuple(_raw_note(row, grid) for row in notes)
    quarters = float(tempo) if tempo else 160.0
    return RawTune(raw_notes, tuple(chords), grid.meters, title, round(quarters, 2))


class _BeatGrid:
    """The positions of bars and beats in quarter notes from the first bar."""

    def __init__(self, rows: Sequence[sqlite3.Row]) -> None:
        self.first = min(int(row["bar"]) for row in rows)
        last = max(int(row["bar"]) for row in rows)
        if last - self.first >= _MAX_BARS:
            raise ReadError(f"it has bars {self.first} to {last}; the maximum is {_MAX_BARS} bars")
        #: The written beats of each bar, for meters in which a beat is not the unit.
        self.periods: dict[int, int] = {}
        signatures: dict[int, tuple[int, int]] = {}
        for row in rows:
            bar = row["bar"]
            self.periods[bar] = max(self.periods.get(bar, 0), int(row["beat"]))
            if (row["signature"] or "").strip():
                signatures.setdefault(bar, _meter(str(row["signature"])))
        meter = next(iter(signatures.values()), (4, 4))
        meters = [meter := signatures.get(bar, meter) for bar in range(self.first, last + 1)]
        self.meters = tuple(meters)
        ticks = accumulate(map(bar_ticks, self.meters), initial=0)
        self._starts = [tick / TICKS_PER_QUARTER for tick in ticks]

    def beat_length(self, bar: int, period: int) -> float:
        """The length of a beat in quarter notes: the unit, or its share of a compound bar."""
        upper, lower = self.meters[min(max(0, bar - self.first), len(self.meters) - 1)]
        compound = lower >= 8 and upper % 3 == 0 and 0 < period <= upper // 3
        return 12 / lower if compound else 4 / lower

    def position(self, bar: int, beats: float, period: int) -> float:
        """The quarter note at a number of beats into a bar.

        Raises:
            ReadError: There is no such bar.
        """
        if not 0 <= bar - self.first < len(self.meters):
            raise ReadError(f"a note is in bar {bar}, which has no beats")
        return self._starts[bar - self.first] + beats * self.beat_length(bar, period)


def _raw_note(row: sqlite3.Row, grid: _BeatGrid) -> RawNote:
    bar, period, length = int(row["bar"]), int(row["period"]), row["beatdur"]
    onset = grid.position(
        bar, row["beat"] - 1 + (row["tatum"] - 1) / max(1, row["division"]), period
    )
    beats = max(0.0, row["duration"] / length) if length > 0 else 0.0
    return RawNote(onset, onset + beats * grid.beat_length(bar, period), round(row["pitch"]))


def _meter(text: str) -> tuple[int, int]:
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise ReadError(f"the signature {text!r} is not a meter", SkipReason.METER)
    return check_meter(int(found[1]), int(found[2]))

"""The Weimar Jazz Database: solos selected by a condition without side effects."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.solo import check_solo
from seqgen_jazz.options import DataOptions
from seqgen_jazz.plugin import seqgen_domain
from seqgen_jazz.readers.wjazzd import read_wjazzd

from seqgen import DataError

SCHEMA = """
CREATE TABLE solo_info (melid INTEGER PRIMARY KEY, trackid INTEGER, compid INTEGER,
  recordid INTEGER, performer TEXT, title TEXT, avgtempo REAL, style TEXT, signature TEXT);
CREATE TABLE composition_info (compid INTEGER PRIMARY KEY, title TEXT, form TEXT);
CREATE TABLE record_info (recordid INTEGER PRIMARY KEY, artist TEXT, releasedate TEXT);
CREATE TABLE track_info (trackid INTEGER PRIMARY KEY, recordingdate TEXT);
CREATE TABLE melody_type (melid INTEGER, type TEXT);
CREATE TABLE melody (eventid INTEGER PRIMARY KEY, melid INTEGER, onset REAL, pitch REAL,
  duration REAL, period INTEGER, division INTEGER, bar INTEGER, beat INTEGER, tatum INTEGER,
  beatdur REAL);
CREATE TABLE beats (beatid INTEGER PRIMARY KEY, melid INTEGER, onset REAL, bar INTEGER,
  beat INTEGER, signature TEXT, chord TEXT, form TEXT);
CREATE TABLE db_info (name TEXT, release TEXT, license TEXT);
CREATE TABLE secrets (word TEXT);
"""


def add_solo(
    database: sqlite3.Connection,
    number: int,
    performer: str,
    title: str,
    meter: tuple[int, int] = (4, 4),
    chords: tuple[str, ...] = ("Bbj7", "", "C-7", "F79b"),
    kind: str = "SOLO",
) -> None:
    """A solo with two notes a beat and a pickup; chords are at the first beat of a bar."""
    database.execute(
        "INSERT INTO solo_info VALUES (?, 1, 1, 1, ?, ?, 180.0, 'BEBOP', ?)",
        (number, performer, title, f"{meter[0]}/{meter[1]}"),
    )
    database.execute("INSERT INTO melody_type VALUES (?, ?)", (number, kind))
    beats = meter[0]
    for bar, chord in enumerate(["NC", *chords]):
        for beat in range(1, beats + 1):
            row = (f"{meter[0]}/{meter[1]}", chord) if beat == 1 else ("", "")
            row = (row[0] if bar == 0 else "", row[1])
            database.execute(
                "INSERT INTO beats VALUES (NULL, ?, 0, ?, ?, ?, ?, '')", (number, bar, beat, *row)
            )
            if bar == 0 and beat < beats:
                continue
            for tatum in (1, 2):
                database.execute(
                    "INSERT INTO melody VALUES (NULL, ?, 0, ?, 0.1666, ?, 2, ?, ?, ?, 0.3333)",
                    (number, 60.2 + bar + tatum, beats, bar, beat, tatum),
                )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "wjazzd.db"
    with sqlite3.connect(path) as database:
        database.executescript(SCHEMA)
        database.execute("INSERT INTO composition_info VALUES (1, 'A Tune', 'AABA')")
        database.execute("INSERT INTO db_info VALUES ('WJazzD', 'v2.2', 'Open Database License')")
        database.execute("INSERT INTO secrets VALUES ('hidden')")
        add_solo(database, 1, "Some Player", "First Tune")
        add_solo(database, 2, "Other Player", "First Tune", (3, 4))
        add_solo(database, 3, "Some Player", "Second Tune", chords=("Xyz7", "", "", ""))
        add_solo(database, 4, "Some Player", "A Popsong", kind="SV")
    database.close()
    return path


def test_chords_continue_until_the_next_one(database: Path) -> None:
    found = read_wjazzd(database)
    assert [solo.title for solo in found.read.solos] == [
        "Some Player: First Tune",
        "Other Player: First Tune",
    ]
    assert found.groups == ("first tune", "first tune")
    first, waltz = found.read.solos
    for solo in found.read.solos:
        check_solo(solo)
    assert str(first.chart) == "N.C. | Bbmaj7 | / | Cm7 | F7b9"
    assert [bar.meter for bar in waltz.chart.bars] == [(3, 4)] * 5
    assert [(note.onset, note.duration, note.pitch) for note in first.notes[:3]] == [
        (72, 12, 61),
        (84, 12, 62),
        (96, 12, 62),
    ]
    assert first.tempo == 180
    ((what, why, _),) = found.read.skipped
    assert "Second Tune" in what and "bar 1, beat 1" in why and "'Xyz7'" in why


def test_the_corpus_contains_the_licence_and_the_condition(database: Path) -> None:
    domain = seqgen_domain()
    options = DataOptions(where="performer = 'Other Player'")
    corpus = domain.corpus(database, options)
    assert [solo.title for solo in corpus.items] == ["Other Player: First Tune"]
    assert "Open Database License" in corpus.licence and "ODbL" in corpus.licence
    assert corpus.notes["where"] == options.where
    assert corpus.notes["database"] == "WJazzD v2.2"


@pytest.mark.parametrize(
    "where",
    [
        "performer LIKE 'some%' -- the rest",
        "melid IN (SELECT melid FROM beats WHERE chord = 'C-7')",
        "title = 'First Tune' AND avgtempo > 100",
        "compid IN (SELECT compid FROM composition_info WHERE form = 'AABA')",
    ],
)
def test_valid_conditions(database: Path, where: str) -> None:
    assert read_wjazzd(database, where).read.solos


@pytest.mark.parametrize(
    "where",
    [
        "1 = 1) --",
        "1); DROP TABLE solo_info; --",
        "melid IN (SELECT word FROM secrets)",
        "melid IN (SELECT 1 FROM sqlite_master)",
        "load_extension('x')",
        "randomblob(1000000000)",
        "title = ",
        "performr = 'x'",
        "1) UNION SELECT word FROM secrets; --",
        "\0",
    ],
)
def test_a_condition_can_only_select(database: Path, where: str) -> None:
    before = database.read_bytes()
    with pytest.raises(DataError, match="cannot be used"):
        read_wjazzd(database, where)
    assert database.read_bytes() == before


def test_an_endless_condition_is_interrupted(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqgen_jazz.readers.wjazzd._MAX_STEPS", 10_000)
    tables = ", ".join(f"melody m{number}" for number in range(5))
    with pytest.raises(DataError, match="interrupted"):
        read_wjazzd(database, f"(SELECT count(*) FROM {tables}) > 0")


def test_errors_of_databases(database: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="performers are Other Player, Some Player"):
        read_wjazzd(database, "performer = 'Nobody'")
    other = tmp_path / "other.db"
    other.write_bytes(b"no database at all" * 100)
    with pytest.raises(DataError, match="is not a readable Weimar Jazz Database"):
        read_wjazzd(other)
    with pytest.raises(DataError, match="there is no database"):
        read_wjazzd(tmp_path / "missing.db")
    with pytest.raises(DataError, match=r"give its \.db file"):
        load_corpus(tmp_path, DataOptions(where="1"))
    with pytest.raises(DataError, match="recipe is for files"):
        load_corpus(database, DataOptions(recipe="x.toml"))

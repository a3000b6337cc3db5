"""Inspection: tracks and their roles, reasons and fixes, and recipes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from seqgen_jazz.corpus.inspect_files import inspect_music
from seqgen_jazz.corpus.load_corpus import cut_solo, load_corpus
from seqgen_jazz.corpus.recipe_file import parse_bar_ranges, read_recipe, recipe_text
from seqgen_jazz.encoding.solo import check_solo
from seqgen_jazz.options import DataOptions
from seqgen_jazz.readers.errors import SkipReason
from seqgen_jazz.readers.raw_tune import Count, FileChoice

from seqgen import DataError

from .files import SHARED, midi, note, text, track

TUNE = 'X:1\nT:Tune\nM:4/4\nL:1/8\nK:C\n"C"cdefgabc\' | "G7"bagfedcB |\n'


def events(*parts: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    return [event for part in parts for event in part]


def program(channel: int, number: int) -> tuple[int, bytes]:
    return 0, bytes((0xC0 | channel, number))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A band, a scale without chords, an ABC tune and a damaged file."""
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    music = tmp_path / "music"
    music.mkdir()
    sax = events(*(note(at / 2, at / 2 + 0.5, 60 + at % 9) for at in range(32)))
    flute = events(*(note(at, at + 1, 80 + at % 5, 1) for at in range(16)))
    comp = [note(4 * bar, 4 * bar + 4, p, 2) for bar in range(4) for p in (48, 52, 55, 58)]
    bass = events(*(note(at, at + 1, 36 + at % 7, 3) for at in range(16)))
    drums = events(*(note(at, at + 0.5, 51, 9) for at in range(16)))
    chords = [text(0, "C7"), text(8, "F7")]
    (music / "band.mid").write_bytes(
        midi(
            track(chords),
            track([text(0, "Tenor Sax", 3), program(0, 66), *sax]),
            track([text(0, "Flute", 3), program(1, 73), *flute]),
            track([text(0, "Piano", 3), program(2, 0), *events(*comp)]),
            track([text(0, "Bass", 3), program(3, 32), *bass]),
            track([text(0, "Kit", 3), *drums]),
        )
    )
    scale = events(*(note(at, at + 1, 60 + at) for at in range(16)))
    (music / "scale.mid").write_bytes(midi(track(scale)))
    (music / "tune.abc").write_text(TUNE)
    (music / "page.mid").write_bytes(b"<html></html>")
    return music


def test_every_track_has_its_role_and_every_reason_its_fix(folder: Path) -> None:
    inspection = inspect_music(folder)
    facts = {entry["file"]: entry for entry in inspection.facts["files"]}
    roles = [(role["name"], role["role"]) for role in facts["band.mid"]["tracks"]]
    assert roles == [
        ("Tenor Sax", "solo"),
        ("Flute", "line"),
        ("Piano", "comp"),
        ("Bass", "bass"),
        ("Kit", "drums"),
    ]
    (solo,) = facts["band.mid"]["solos"]
    assert (solo["bars"], solo["bars_with_a_solo"], solo["notes"]) == (4, "1-4", 32)
    assert (solo["chords_from"], solo["meters"]) == ("chord symbols", {"4/4": 4})
    (skipped,) = facts["scale.mid"]["skipped"]
    assert "no chords" in skipped["why"] and skipped["reason"] == "no_chords"
    assert skipped["fix"] == SkipReason.NO_CHORDS.value
    assert "web page" in facts["page.mid"]["skipped"][0]["why"]
    assert inspection.lines[-1] == "2 of 4 files can be used"
    assert any("'Tenor Sax'" in line and "solo" in line for line in inspection.lines)


def test_an_unchanged_recipe_reads_the_same_music(folder: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(inspect_music(folder).recipe, "utf-8")
    assert read_recipe(recipe) == {
        "band.mid": FileChoice(melody=1),
        "page.mid": FileChoice(use=False),
        "scale.mid": FileChoice(use=False),
        "tune.abc": FileChoice(),
    }
    plain, chosen = load_corpus(folder), load_corpus(folder, DataOptions(recipe=str(recipe)))
    assert chosen.items == plain.items
    assert {entry.why for entry in chosen.skipped} == {"skipped by the recipe"}


def test_an_edited_recipe_is_applied(folder: Path, tmp_path: Path) -> None:
    choices = [
        ("band.mid", FileChoice(melody=2, chords="infer", bars="2-3")),
        ("scale.mid", FileChoice(chords="Dm7 | G7")),
        ("tune.abc", FileChoice(use=False)),
    ]
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(recipe_text((name, choice, "a\nb") for name, choice in choices), "utf-8")
    assert read_recipe(recipe) == dict(choices)
    for _ in range(2):  # the second time from the cache
        corpus = load_corpus(folder, DataOptions(recipe=str(recipe)))
        band, scale = corpus.items
        assert len(band.chart.bars) == 2
        assert [n.pitch for n in band.notes] == [80 + at % 5 for at in range(4, 12)]
        assert str(scale.chart) == "Dm7 | G7 | Dm7 | G7"
        assert corpus.notes[Count.RECIPE_CHORDS.value] == "1"
        for solo in corpus.items:
            check_solo(solo)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("use = 3", "needs tables such as"),
        ("[files", "not a recipe in TOML"),
        ("[files.'band.mid']\nmelodie = 1", "'melodie'; known are use, bars, melody, chords"),
        ("[files.'band.mid']\nmelody = true", "melody must be int, was True"),
        ("[files.'band.mid']\nmelody = -1", ">= 1, was -1"),
        ("[files.'band.mid']\nbars = '4-2'", "ranges such as 1-32,41-64, was '4-2'"),
        ("[files.'other.mid']\nuse = true", "names 1 missing files, the first is 'other.mid'"),
        ("files = 1", "needs tables such as"),
    ],
)
def test_invalid_recipes(folder: Path, tmp_path: Path, content: str, words: str) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(content, "utf-8")
    with pytest.raises(DataError, match=words):
        load_corpus(folder, DataOptions(recipe=str(recipe)))


@pytest.mark.parametrize(
    ("name", "choice", "words"),
    [
        ("band.mid", FileChoice(melody=9), "it has no track 9 with notes"),
        ("band.mid", FileChoice(chords="lyrics"), "lyrics contain no chord symbols"),
        ("band.mid", FileChoice(chords="Cx"), "bar 1 of the chart"),
        ("band.mid", FileChoice(bars="3-9"), "it has 4; change bars in the recipe"),
        ("tune.abc", FileChoice(melody=1), "only MIDI supports that"),
    ],
)
def test_a_file_whose_choice_does_not_fit_is_skipped(
    folder: Path, tmp_path: Path, name: str, choice: FileChoice, words: str
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(recipe_text([(name, choice, "")]), "utf-8")
    corpus = load_corpus(folder, DataOptions(recipe=str(recipe)))
    reasons = {entry.what: entry.why for entry in corpus.skipped}
    assert words in reasons[name]


def test_a_recipe_needs_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot open the recipe"):
        load_corpus(tmp_path if (tmp_path / "a.abc").write_text(TUNE) else None,
                    DataOptions(recipe=str(tmp_path / "none.toml")))  # fmt: skip
    with pytest.raises(DataError, match="a recipe is for your own files"):
        load_corpus(None, DataOptions(recipe="x.toml"))


def test_a_range_of_bars_begins_with_its_chord() -> None:
    solo = load_corpus(None).items[0]
    (part,) = cut_solo(solo, "2-9")
    check_solo(part)
    start = solo.chart.bar_starts[1]
    assert part.chart.chord_at(0) == solo.chart.chord_at(start)
    assert {n.pitch for n in part.notes} <= {n.pitch for n in solo.notes}
    assert cut_solo(solo, "") == [solo]
    assert parse_bar_ranges("1-4, 7") == [(1, 4), (7, 7)]


@pytest.mark.skipif(not (SHARED / "midi-edge").exists(), reason="no ../shared/data/midi-edge")
def test_every_odd_file_is_used_or_skipped_with_a_reason_and_a_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path))
    folder = SHARED / "midi-edge"
    inspection = inspect_music(folder)
    table: Counter[str] = Counter()
    for entry in inspection.facts["files"]:
        assert bool(entry["solos"]) != bool(entry["skipped"]), entry["file"]
        for skipped in entry["skipped"]:
            assert skipped["why"] and skipped["fix"] == SkipReason[skipped["reason"].upper()].value
        table["used" if entry["solos"] else entry["skipped"][0]["why"].split(" (")[0]] += 1
    assert table.total() == sum(path.is_file() for path in folder.rglob("*.mid"))
    corpus = load_corpus(folder)
    assert len(corpus.items) == table["used"]
    assert len(corpus.skipped) == table.total() - table["used"]
    with capsys.disabled():
        print(f"\n{table.total()} odd MIDI files:")
        for reason, count in table.most_common():
            print(f"  {count:>4}  {reason}")

"""The corpus: what is read, what is skipped and why, the cache, and the shipped solos."""

from __future__ import annotations

import gc
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest
import seqgen_jazz.corpus.read_folder
from seqgen_jazz.corpus.load_corpus import cut_few_tunes, load_corpus, read_solos, tune_name
from seqgen_jazz.corpus.read_cache import ReadCache
from seqgen_jazz.encoding.solo import check_solo

from seqgen import DataError

from .files import ATTRIBUTES, SHARED, midi, musicxml, note, text, track, xml_chord, xml_note

TUNE = 'X:1\nT:Tune\nM:4/4\nL:1/8\nK:C\n"C"cdefgabc\' | "G7"bagfedcB |\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "music" / "deeper").mkdir(parents=True)
    return tmp_path / "music"


def midi_file() -> bytes:
    notes = [event for at in range(8) for event in note(at, at + 1, 60 + at)]
    return midi(track([text(0, "Cm7"), text(4, "F7"), *notes]))


def no_reading(paths: list[Path], _choices: object) -> list[object]:
    assert not paths, "the cache should have known these files"
    return []


def test_all_shipped_solos_are_read() -> None:
    corpus = load_corpus(None)
    assert len(corpus.items) >= 24
    assert corpus.skipped == ()
    assert len(corpus.groups) == len(corpus.items)
    assert corpus.licence.startswith("CC0-1.0")
    for solo in corpus.items:
        check_solo(solo)


def test_a_folder_has_solos_reasons_and_notes(folder: Path) -> None:
    (folder / "b.mid").write_bytes(midi_file())
    (folder / "deeper" / "a.abc").write_text(TUNE + "\n" + TUNE.replace('"C"', '"Zz"'))
    (folder / "bad.mid").write_bytes(b"<html>")
    (folder / ".hidden.mid").write_bytes(midi_file())
    (folder / "readme.txt").write_text("words")
    corpus = load_corpus(folder)
    assert [solo.title for solo in corpus.items] == ["b", "Tune"]
    assert corpus.groups == ("b", "tune")
    reasons = {entry.what: entry.why for entry in corpus.skipped}
    assert set(reasons) == {"bad.mid", "deeper/a.abc: tune 2 'Tune'"}
    assert "web page" in reasons["bad.mid"]
    assert "'Zz'" in reasons["deeper/a.abc: tune 2 'Tune'"]
    assert corpus.notes["files"] == "2 read, 1 skipped"
    assert corpus.notes["notes"] == "24"
    assert corpus.notes["files of other kinds skipped"] == "1 (.txt)"


@pytest.mark.slow
def test_slow_files_are_read_by_processes_and_cached(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eight = "".join(xml_note(f"{step}5", 6) for step in "CDEFGFED")
    for name in ("a", "b", "c"):
        score = musicxml([ATTRIBUTES + xml_chord("Bb", "dominant") + eight])
        (folder / f"{name}.xml").write_text(score)
    (folder / "d.xml").write_text("<html/>")
    first = load_corpus(folder)
    assert [str(solo.chart) for solo in first.items] == ["Bb7"] * 3
    monkeypatch.setattr(seqgen_jazz.corpus.read_folder, "_read_files", no_reading)
    again = load_corpus(folder)
    assert (again.items, again.skipped, again.notes) == (first.items, first.skipped, first.notes)
    assert [solo.title for solo in again.items] == ["a", "b", "c"]


def entry(folder: Path) -> Path:
    (found,) = (folder.parent / "cache" / "jazz").iterdir()
    return found


def test_a_damaged_cache_entry_is_read_again(folder: Path) -> None:
    (folder / "b.mid").write_bytes(midi_file())
    first = load_corpus(folder)
    stored = entry(folder)
    intact = stored.read_bytes()
    rng = random.Random(3)
    places = [*range(0, 80, 9), *rng.sample(range(len(intact)), 30), len(intact) - 1]
    flipped = [
        intact[:at] + bytes([intact[at] ^ (1 << rng.randrange(8))]) + intact[at + 1 :]
        for at in places
    ]
    for damage in (b"", intact[:-20], intact[:-1], intact + b"\0", b"{}", *flipped):
        stored.write_bytes(damage)
        assert load_corpus(folder).items == first.items
        assert stored.read_bytes() == intact


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", pickle.dumps(os.getcwd)])
def test_an_intact_entry_without_a_file_is_read_again(folder: Path, content: bytes) -> None:
    (folder / "b.mid").write_bytes(midi_file())
    first = load_corpus(folder)
    stored = entry(folder)
    ReadCache(stored.parent).put(stored.stem, content)
    assert load_corpus(folder).items == first.items


def test_reading_the_cache_leaves_garbage_collection_as_it_was(folder: Path) -> None:
    (folder / "b.mid").write_bytes(midi_file())
    for _ in range(2):
        load_corpus(folder)
        assert gc.isenabled() and not gc.get_freeze_count()
    gc.disable()
    try:
        load_corpus(folder)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_changed_file_is_read_again(folder: Path) -> None:
    path = folder / "a.abc"
    path.write_text(TUNE)
    before = load_corpus(path).items
    path.write_text(TUNE.replace("cdef", "gfed"))
    assert load_corpus(path).items != before


def test_a_cache_that_cannot_be_written_is_only_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.abc").write_text(TUNE)
    blocker = folder.parent / "file"
    blocker.write_text("no folder")
    monkeypatch.setenv("SEQGEN_CACHE", str(blocker))
    corpus = load_corpus(folder)
    assert len(corpus.items) == 1
    assert "not written" in corpus.notes["cache"]


def test_a_cache_key_depends_on_content_and_name(tmp_path: Path) -> None:
    cache = ReadCache(tmp_path)
    paths = [tmp_path / "a.mid", tmp_path / "b.mid"]
    for path in paths:
        path.write_bytes(b"same")
    keys = [cache.key(path) for path in paths]
    paths[0].write_bytes(b"other")
    assert len({*keys, cache.key(paths[0])}) == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "does not exist"),
        ("words.txt", "not a supported kind of file"),
        ("empty", "contains no music"),
        ("useless", "none of the 1 files can be used: x.mid: it is empty"),
    ],
)
def test_sources_that_cannot_be_used(folder: Path, name: str, words: str) -> None:
    (folder / "words.txt").write_text("x")
    (folder / "empty").mkdir()
    (folder / "useless").mkdir()
    (folder / "useless" / "x.mid").write_bytes(b"")
    with pytest.raises(DataError, match=words):
        load_corpus(folder / name)


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (("My Blues (take 2)", "My Blues, chorus 3", "my blues"), "my blues"),
        (("Someone_TheTune-1_Solo", "Other_TheTune_AlternateTake2_Solo"), "thetune"),
        (("Round (canon)",), "round (canon)"),
        (("99",), "99"),
    ],
)
def test_takes_of_a_tune_have_one_name(titles: tuple[str, ...], name: str) -> None:
    assert {tune_name(title) for title in titles} == {name}


def test_reading_the_shipped_solos_imports_no_heavy_library() -> None:
    program = (
        "import sys; from seqgen_jazz.corpus.load_corpus import load_corpus; load_corpus(None);"
        "print([m for m in ('music21', 'symusic', 'rich', 'numpy', 'keras') if m in sys.modules])"
    )
    paths = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        (sys.executable, "-c", program),
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not (SHARED / "jazz").exists(), reason="no ../shared/data/jazz")
def test_real_midi_and_abc_are_all_read(folder: Path) -> None:
    for name, solos in (("solos_midi", 15), ("tunes_midi", 15), ("tunes_abc", 24)):
        corpus = load_corpus(SHARED / "jazz" / name)
        assert (len(corpus.items), corpus.skipped) == (solos, ())
        for solo in corpus.items:
            check_solo(solo)


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "jazz").exists(), reason="no ../shared/data/jazz")
def test_real_musicxml_is_all_read(folder: Path) -> None:
    for name, solos in (("solos_musicxml", 30), ("leadsheets", 21)):
        corpus = load_corpus(SHARED / "jazz" / name)
        assert (len(corpus.items), corpus.skipped) == (solos, ())


def test_a_score_next_to_its_midi_file_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seqgen_jazz.plugin import write

    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    solo = load_corpus(None).items[0]
    write([solo], tmp_path / "out", ["seqgen-receipt {}"])
    found = load_corpus(tmp_path / "out")
    assert found.items == (solo,)
    (skipped,) = found.skipped
    assert (skipped.what, skipped.why) == (
        "solo-001.musicxml",
        "it is the score of solo-001.mid, which has every tick",
    )
    assert load_corpus(tmp_path / "out" / "solo-001.musicxml").items == (solo,)


def long_tune(bars: int, title: str = "Tune") -> str:
    """An ABC tune of eighths with as many bars of 4/4."""
    lines = (f'"C"cdef gabc\' | "G7"bagf edc{"BAG"[bar % 3]} |' for bar in range(0, bars, 2))
    return f"X:1\nT:{title}\nM:4/4\nL:1/8\nK:C\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(("bars", "phrases", "length"), [(72, 9, 8), (16, 4, 4), (8, 4, 2)])
def test_a_single_tune_is_cut_into_phrases(
    folder: Path, bars: int, phrases: int, length: int
) -> None:
    path = folder / "one.abc"
    path.write_text(long_tune(bars))
    (solo,) = read_solos(path)
    corpus = cut_few_tunes(load_corpus(path))
    assert len(corpus.items) == len(set(corpus.groups)) == len(corpus.sources) == phrases
    assert corpus.items[1].title == f"Tune, bars {length + 1}-{2 * length}"
    assert corpus.notes["phrases"].startswith(f"one tune cut into {phrases} phrases of {length} ")
    for phrase in corpus.items:
        check_solo(phrase)
    assert [bar for phrase in corpus.items for bar in phrase.chart.bars] == list(solo.chart.bars)
    pitches = [note.pitch for phrase in corpus.items for note in phrase.notes]
    assert pitches == [note.pitch for note in solo.notes]


def test_takes_of_one_tune_are_cut_and_three_tunes_are_not(folder: Path) -> None:
    for take in (1, 2, 3):
        (folder / f"{take}.abc").write_text(long_tune(8, f"Tune, chorus {take}"))
    corpus = cut_few_tunes(load_corpus(folder))
    assert len(corpus.items) == len(set(corpus.groups)) == 6
    assert set(corpus.sources) == {"1.abc", "2.abc", "3.abc"}
    for name in ("Other", "Third"):
        (folder / f"{name}.abc").write_text(long_tune(8, name))
    corpus = cut_few_tunes(load_corpus(folder))
    assert len(corpus.items) == 5
    assert "phrases" not in corpus.notes


def test_a_pickup_belongs_to_the_first_phrase(folder: Path) -> None:
    path = folder / "one.abc"
    path.write_text(long_tune(12).replace('K:C\n"C"c', 'K:C\nG2 | "C"c'))
    corpus = cut_few_tunes(load_corpus(path))
    assert [len(phrase.chart.bars) for phrase in corpus.items] == [5, 4, 4]
    assert corpus.items[0].chart.pickup == 1


def test_a_solo_is_read_complete_or_with_the_reason(folder: Path) -> None:
    path = folder / "one.abc"
    path.write_text(long_tune(72))
    assert [len(solo.chart.bars) for solo in read_solos(path)] == [72]
    (folder / "bad.mid").write_bytes(b"<html>")
    with pytest.raises(DataError, match=r"bad\.mid: it is a web page"):
        read_solos(folder / "bad.mid")


def test_music_too_short_for_three_phrases_is_left_as_it_is(folder: Path) -> None:
    (folder / "one.abc").write_text(long_tune(4))
    corpus = load_corpus(folder)
    assert cut_few_tunes(corpus) is corpus

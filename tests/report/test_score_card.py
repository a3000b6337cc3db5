"""seqgen scorecard: metrics, verdict and copies of files; the same rows in the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqgen import ScoreCard, ScoreRow
from seqgen.evaluation.copying import CopyReport
from seqgen.registry.installed_plugins import load_domain
from seqgen.report.report_page import _score_cards as score_cards
from seqgen.report.score_card_and_copies import ScoredItems

from ..conftest import Run

TUNE = "X:1\nT:{title}\nM:4/4\nL:1/8\nK:C\n" + '"C"CDEF "Am"GABc | "Dm"cBAG "G7"FEDC |]\n'


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two tunes with the same line."""
    made = []
    for title in ("One", "Two"):
        path = tmp_path / f"{title}.abc"
        path.write_text(TUNE.format(title=title))
        made.append(path)
    return made


def test_a_file_gets_a_card_and_a_verdict(seqgen: Run, files: list[Path]) -> None:
    answer = seqgen("scorecard", files[0])
    assert answer.code == 0, answer.err
    for name in ("chord tones, beats 1 and 3", "self-repetition", "swing", "leaps over an octave"):
        assert name in answer.out
    assert "metrics are like those of real solos" in answer.out
    assert "data of seqgen-jazz" in answer.out
    assert "meaning" not in answer.out


def test_receipts_are_not_read_as_items(seqgen: Run, dinos_model: Path, tmp_path: Path) -> None:
    seqgen("generate", dinos_model, "-n", 2, "--out", tmp_path)
    samples = tmp_path / "samples.jsonl"
    for args in (
        ("scorecard", samples),
        ("scorecard", samples, "--domain", "dinos"),
        ("evaluate", dinos_model, "--data", samples),
    ):
        answer = seqgen(*args)
        assert answer.code == 1 and "give the other files there (names.txt)" in answer.err
    samples.write_text("tyranno\nsaurus\n")
    assert seqgen("evaluate", dinos_model, "--data", samples).code == 0, "a file of one's own"


def test_explain_shows_the_meaning_of_each_metric(seqgen: Run, files: list[Path]) -> None:
    answer = seqgen("scorecard", files[0], "--explain")
    assert "notes of a Markov chain without chords have similar values" in answer.out
    assert "437 transcribed solos" in answer.out


def test_several_files_get_a_line_each_and_a_card_together(seqgen: Run, files: list[Path]) -> None:
    answer = seqgen("scorecard", *files, "--against", files[1])
    assert f"{files[0]}: " in answer.out and "all files, 2 items" in answer.out
    assert "15 intervals, 15 intervals with rhythm" in answer.out
    assert "Two.abc, Two, bar 1" in answer.out


def test_json_holds_every_row_and_every_copy(seqgen: Run, files: list[Path]) -> None:
    answer = seqgen("scorecard", *files, "--against", files[1], "--json")
    one, two, both = map(json.loads, answer.out.splitlines())
    assert (one["name"], two["name"], both["name"]) == (*map(str, files), "all files")
    assert both["score_card"]["items"] == 2
    rows = {row["name"]: row for row in one["score_card"]["rows"]}
    assert rows["range (semitones)"]["value"] == 12 and not rows["range (semitones)"]["inside"]
    (copied,) = one["copied"]["intervals"]
    assert copied["longest"] == copied["units"] == 15 and copied["share"] == 1
    assert copied["there"] == "Two.abc, Two, bar 1"


def test_wrong_use_is_told(seqgen: Run, files: list[Path], tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("abel\nbea\n")
    answer = seqgen("scorecard", names)
    assert answer.code == 1 and "domain 'dinos' has no score card" in answer.err
    answer = seqgen("scorecard", files[0], "--against", files[1], "--model", "m.safetensors")
    assert answer.code == 2 and "either --against or --model" in answer.err
    answer = seqgen("scorecard", tmp_path / "none.abc")
    assert answer.code == 1 and "none.abc" in answer.err


def row(value: float | None, inside: bool | None) -> ScoreRow:
    return ScoreRow("range", value, 1.0, 9.0, 5.0, inside, "how wide <b>")


def test_the_report_shows_the_same_rows_beside_held_out_items() -> None:
    cards = [
        ScoreCard(2, (row(value, inside),), "fine", "a rule", ("somewhere",))
        for value, inside in ((4.0, True), (12.0, False))
    ]
    copied = CopyReport("steps", 9, 8, 0.5, "bar 1", "a.txt, bar 2", 6)
    judged = [
        ScoredItems(name, card, {"steps": [copied]})
        for name, card in zip(("samples", "held-out items"), cards, strict=True)
    ]
    text = score_cards(judged)
    for part in ("4.00", "12.0", "1.00 to 9.00", "5.00", "yes", "how wide &lt;b&gt;", "somewhere"):
        assert part in text
    assert "up to 6 in 95 %" in text and "bar 1 like a.txt, bar 2" in text
    assert cards[1].outside == [row(12.0, False)] and not cards[0].outside
    assert score_cards([]) == ""


def test_jazz_has_a_card_and_passages() -> None:
    domain = load_domain("jazz").domain
    solo = next(iter(domain.corpus(None, domain.data_options()).items))  # type: ignore[union-attr]
    assert domain.evaluation.score_card is not None and domain.evaluation.passages is not None
    assert domain.evaluation.score_card([solo]).items == 1
    assert [one.kind for one in domain.evaluation.passages(solo)] == [
        "intervals",
        "intervals with rhythm",
    ]

"""What people see: data cards, samples, the progress line; and that JSON stays apart."""

from __future__ import annotations

import json

import pytest

from seqgen import Corpus
from seqgen.cli.console import Output
from seqgen.cli.display import show_card, show_figures, show_samples
from seqgen.cli.progress import TrainingLine
from seqgen.domains.corpus import SkippedItem
from seqgen.generation.generator import Sample
from seqgen.inference.generated_items import GeneratedItem
from seqgen.runs.dataset import prepare_data
from seqgen.training.config import TrainConfig
from seqgen.training.history import EpochReport

from ..helpers.fakes import text_domain

WORDS = ("abc", "ab", "cab", "bac", "abc", "ccc", "a", "b", "c", "ca")


def item(text: str, novel: bool = True, reason: str = "end") -> GeneratedItem:
    """A generated item."""
    return GeneratedItem(Sample(3, (0, 1), text, reason, -1.0, -0.5, 0.0), text, novel)


def report(epoch: int, validation: float) -> EpochReport:
    """An epoch that has ended."""
    return EpochReport(epoch, 2.25, validation, True, 1.0, 75.4, 9)


def test_a_data_card_tells_all_that_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = tuple(SkippedItem(f"{n}.mid", "no notes") for n in range(3))
    corpus = Corpus(WORDS, skipped=skipped, notes={"meters": "4/4"}, licence="CC0")
    card = prepare_data(text_domain(WORDS), corpus, TrainConfig()).card
    show_card(Output(False), "words", card)
    out = capsys.readouterr().out
    assert out.startswith("words: 10 items, 32 tokens, vocabulary 4\n")
    for words in ("1 held out (10%)", "meters", "4/4", "CC0", "duplicates  1", "2.mid: no notes"):
        assert words in out


def test_left_out_things_are_counted_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = tuple(SkippedItem(f"{n}.mid and 1 more", "no notes", 2) for n in range(60))
    card = prepare_data(text_domain(WORDS), Corpus(WORDS, skipped), TrainConfig()).card
    show_card(Output(False), "words", card)
    assert "left out    120:" in capsys.readouterr().out
    assert len(card.to_json()["skipped"]) == 60, "the model file names them all"


@pytest.mark.parametrize(
    ("terminal", "wanted"),
    [
        (True, ["new", "old  (in the training data)", "cut  (length)"]),
        (False, ["new", "old", "cut"]),
    ],
)
def test_samples_are_marked_in_a_terminal_and_stand_alone_in_a_file(
    terminal: bool,
    wanted: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    items = [item("new"), item("old", novel=False), item("cut", reason="length")]
    show_samples(Output(False), text_domain(WORDS), items)
    assert capsys.readouterr().out.splitlines() == wanted


def test_a_model_without_the_n_gram_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    held_out = {
        "baselines": {"uniform": 3.0, "unigram": 2.5, "ngram": 2.0, "ngram_order": 6},
        "interval": [1.8, 2.0],
        "items": 9,
        "nats_per_token": 1.9,
        "minus_ngram": {"nats_per_token": -0.1, "interval": [-0.2, -0.01]},
        "networks": [1.9],
    }
    for more, alone in (({}, True), ({"without_ngram": 1.95}, False)):
        show_figures(Output(False), {**held_out, **more})
        out = capsys.readouterr().out
        assert ("The model is its network alone: the n-gram has no share in it." in out) is alone
        assert ("network alone  " in out) is not alone


def test_a_preview_of_several_lines_has_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    domain = text_domain(WORDS, render=lambda text: {"text/plain": lambda: f"{text}\n{text}"})
    show_samples(Output(False), domain, [item("roll")])
    assert capsys.readouterr().out == "sample 3\nroll\nroll\n"


def test_json_and_text_go_apart(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        out = Output(as_json)
        out.say("[bold]é")
        out.json({"é": 1})
        out.warn("careful")
        out.table(["item", "nats"], [["[red]a", "1.5"]])
        found = capsys.readouterr()
        people, programs = (found.err, found.out) if as_json else (found.out, "")
        assert "[bold]é\n" in people and "[red]a" in people, "nothing is read as markup"
        assert "careful\n" in found.err
        assert programs == ('{"é": 1}\n' if as_json else "")
        assert not programs or json.loads(programs) == {"é": 1}


def test_progress_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("seqgen.cli.progress.time.monotonic", lambda: now)
    with TrainingLine() as line:
        for epoch in range(1, 8):
            now += 4.0
            line.show(report(epoch, 3.0 + (epoch - 4) ** 2 / 10))
    found = capsys.readouterr()
    lines = found.err.splitlines()
    assert found.out == "" and [text.split()[1] for text in lines] == ["3/9", "6/9"]
    assert lines[1].endswith("validation 3.400 (best 3.000)  1:15 left")


def test_the_best_is_that_of_the_training_that_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folds are trained one behind the other, each anew or gone on with at any epoch."""
    monkeypatch.setattr("seqgen.cli.progress.SECONDS_BETWEEN_LINES", 0.0)
    with TrainingLine() as line:
        for epoch, nats in ((1, 2.0), (2, 2.5), (1, 3.0), (2, 3.5), (5, 4.0)):
            line.show(report(epoch, nats))
    best = [text.split("(best ")[1][:5] for text in capsys.readouterr().err.splitlines()]
    assert best == ["2.000", "2.000", "3.000", "3.000", "4.000"]


def test_the_first_epoch_tells_no_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It compiles the step, so an estimate from it is many times too long."""
    monkeypatch.setattr("seqgen.cli.progress.SECONDS_BETWEEN_LINES", 0.0)
    with TrainingLine() as line:
        line.show(report(1, 3.0))
        line.show(report(2, 3.0))
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("(best 3.000)") and second.endswith("1:15 left")


def test_progress_in_a_terminal_is_one_line_that_is_redrawn(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with TrainingLine() as line:
        line.show(report(1, 3.0))
    found = capsys.readouterr()
    assert found.out == ""
    assert "epoch 1/9  nats: train 2.250" in found.err
    assert "\x1b[2K" in found.err, "the line is erased and written again"


def test_behind_ctrl_c_it_is_said_what_another_one_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with TrainingLine() as line:
        line.score("epochs")
        assert capsys.readouterr().err == ""
        line.score("interrupted")
    assert "Ctrl-C again leaves only the checkpoint" in capsys.readouterr().err

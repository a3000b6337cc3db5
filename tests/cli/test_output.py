"""Output: data cards, likelihoods and samples for people; JSON is separate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqgen import Corpus
from seqgen.cli.console_output import Output, print_data_card, print_likelihood, print_samples
from seqgen.domains.domain import SkippedItem
from seqgen.generation.generator import Sample
from seqgen.inference.generated_items import GeneratedItem
from seqgen.runs.dataset import prepare_data
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import text_domain

ENDS = (".mid", ".musicxml")
WORDS = ("abc", "ab", "cab", "bac", "abc", "ccc", "a", "b", "c", "ca")


def item(text: str, novel: bool = True, reason: str = "end") -> GeneratedItem:
    """A generated item."""
    return GeneratedItem(Sample(3, (0, 1), text, reason, -1.0, -0.5, 0.0), text, novel)


def test_a_data_card_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = tuple(SkippedItem(f"{n}.mid", "no notes") for n in range(3))
    corpus = Corpus(WORDS, skipped=skipped, notes={"meters": "4/4"}, licence="CC0")
    card = prepare_data(text_domain(WORDS), corpus, TrainConfig()).card
    print_data_card(Output(False), "words", card)
    out = capsys.readouterr().out
    assert out.startswith("words: 10 items, 32 tokens, vocabulary 4\n")
    for words in ("1 held out (10%)", "meters", "4/4", "CC0", "duplicates  1", "2.mid: no notes"):
        assert words in out


def test_skipped_items_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = tuple(SkippedItem(f"{n}.mid and 1 more", "no notes", 2) for n in range(60))
    card = prepare_data(text_domain(WORDS), Corpus(WORDS, skipped), TrainConfig()).card
    print_data_card(Output(False), "words", card)
    assert "skipped     120:" in capsys.readouterr().out
    assert len(card.to_json()["skipped"]) == 60, "the model file names them all"


@pytest.mark.parametrize(
    ("terminal", "wanted"),
    [
        (True, ["new", "old  (in the training data)", "cut  (length)"]),
        (False, ["new", "old", "cut"]),
    ],
)
def test_samples_have_marks_in_a_terminal_only(
    terminal: bool,
    wanted: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    items = [item("new"), item("old", novel=False), item("cut", reason="length")]
    print_samples(Output(False), text_domain(WORDS), items)
    assert capsys.readouterr().out.splitlines() == wanted


def test_a_model_without_the_n_gram_is_described_as_such(
    capsys: pytest.CaptureFixture[str],
) -> None:
    held_out = {
        "baselines": {"uniform": 3.0, "unigram": 2.5, "ngram": 2.0, "ngram_order": 6},
        "interval": [1.8, 2.0],
        "items": 9,
        "nats_per_token": 1.9,
        "minus_ngram": {"nats_per_token": -0.1, "interval": [-0.2, -0.01]},
        "networks": [1.9],
    }
    for more, alone in (({}, True), ({"without_ngram": 1.95}, False)):
        print_likelihood(Output(False), {**held_out, **more})
        out = capsys.readouterr().out
        assert ("The model is its network alone, without the n-gram." in out) is alone
        assert ("network alone  " in out) is not alone


def test_text_of_several_lines_has_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    domain = text_domain(WORDS, render=lambda text: {"text/plain": lambda: f"{text}\n{text}"})
    print_samples(Output(False), domain, [item("roll")])
    assert capsys.readouterr().out == "sample 3\nroll\nroll\n"


def test_json_and_text_are_separate(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        out = Output(as_json)
        out.print("[bold]é")
        out.json({"é": 1})
        out.notice("careful")
        out.table(["item", "nats"], [["[red]a", "1.5"]])
        found = capsys.readouterr()
        people, programs = (found.err, found.out) if as_json else (found.out, "")
        assert "[bold]é\n" in people and "[red]a" in people, "nothing is parsed as markup"
        assert "careful\n" in found.err
        assert programs == ('{"é": 1}\n' if as_json else "")
        assert not programs or json.loads(programs) == {"é": 1}


def test_samples_have_the_names_of_their_files(capsys: pytest.CaptureFixture[str]) -> None:
    domain = text_domain(WORDS, render=lambda text: {"text/plain": lambda: f"{text}\n{text}"})
    files = [Path("samples.jsonl"), *(Path(f"solo-00{n}{end}") for n in (1, 2) for end in ENDS)]
    print_samples(Output(False), domain, [item("a"), item("b")], files)
    lines = capsys.readouterr().out.splitlines()
    assert lines[::3] == ["sample 3 (solo-001)", "sample 3 (solo-002)"]
    print_samples(Output(False), domain, [item("a"), item("b")], files, most=1)
    assert capsys.readouterr().out.splitlines() == ["sample 3 (solo-001)", "a", "a"]
    print_samples(Output(False), domain, [item("a")], [Path("all.txt"), Path("more.txt")])
    assert capsys.readouterr().out.startswith("sample 3\n"), "files of several samples"

"""The commands on a model: stdout and stderr, JSON, exit codes, errors of one line."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from seqgen.cli.main import COMMANDS
from seqgen.domains.encoder import is_novel
from seqgen.models.model_file import load_model

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos

NAMES = "aardonyx\nZuul\nminmi\nyi\n"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """A file of four names."""
    path = tmp_path / "names.txt"
    path.write_text(NAMES)
    return path


def lines(out: str) -> list[dict[str, Any]]:
    """The JSON objects, one per line."""
    return [json.loads(line) for line in out.splitlines()]


def test_generate_prints_one_sample_per_line(seqgen: Run, dinos_model: Path) -> None:
    answer = seqgen("generate", dinos_model, "-n", 4)
    assert answer.code == 0 and len(answer.out.splitlines()) == 4
    assert re.fullmatch(r"the guide took away \d+\.\d nats an item on average\n", answer.err)
    assert len(seqgen("generate", dinos_model).out.splitlines()) == 10


def test_generate_json(seqgen: Run, dinos_model: Path) -> None:
    answer = seqgen("generate", dinos_model, "-n", 5, "--json", "--seed", 3)
    samples = lines(answer.out)
    assert [sample["index"] for sample in samples] == [0, 1, 2, 3, 4]
    for sample in samples:
        assert {"index", "text", "logp", "finish_reason", "novel"} <= sample.keys()
        assert sample["logp"] < 0 and sample["finish_reason"] == "end"
        assert isinstance(sample["novel"], bool) and sample["text"] == sample["text"].capitalize()


def test_only_generates_the_sample_of_an_index(seqgen: Run, dinos_model: Path) -> None:
    many = lines(seqgen("generate", dinos_model, "-n", 9, "--json").out)
    (alone,) = lines(seqgen("generate", dinos_model, "--only", 7, "--json").out)
    assert alone["index"] == 7 and alone["text"] == many[7]["text"]
    assert alone["logp"] == pytest.approx(many[7]["logp"], abs=1e-4)


def test_seeds_and_settings_reach_the_samples(seqgen: Run, dinos_model: Path) -> None:
    def texts(*flags: object) -> list[str]:
        out = seqgen("generate", dinos_model, "-n", 6, "--json", *flags).out
        return [sample["text"] for sample in lines(out)]

    assert texts() == texts("--seed", 0) != texts("--seed", 1)
    assert len(set(texts("--sampler", "greedy"))) == 1
    assert texts("--top-k", 1) == texts("--sampler", "greedy")
    assert texts("--batch-size", 1) == texts()
    assert all(text.startswith("Xe") for text in texts("--starts-with", "xe"))
    assert all(text.startswith("Qu") for text in texts("--prompt", "qu"))
    assert all(len(text) <= 4 for text in texts("--max-length", 4))


def test_novel_excludes_known_items(seqgen: Run, dinos_model: Path) -> None:
    samples = lines(seqgen("generate", dinos_model, "-n", 8, "--novel", "--json").out)
    assert len(samples) == 8 and all(sample["novel"] for sample in samples)


def test_generate_writes_files(seqgen: Run, dinos_model: Path, tmp_path: Path) -> None:
    answer = seqgen("generate", dinos_model, "-n", 3, "--out", tmp_path / "out", "--json")
    texts = [sample["text"] for sample in lines(answer.out)]
    assert (tmp_path / "out" / "names.txt").read_text().split() == texts
    assert lines((tmp_path / "out" / "samples.jsonl").read_text()) == lines(answer.out)
    again = seqgen("generate", dinos_model, "-n", 1, "--out", tmp_path / "out")
    assert again.code == 1
    assert "holds samples of an earlier call" in again.err
    assert "names.txt" in answer.err, "on stdout there is JSON only"


def test_evaluate_json(seqgen: Run, dinos_model: Path, names: Path) -> None:
    answer = seqgen("evaluate", dinos_model, "--data", names, "--json")
    assert answer.code == 0
    (found,) = lines(answer.out)
    assert (found["items"], found["tokens"]) == (4, 8 + 4 + 5 + 2 + 4)
    assert found["interval"][0] <= found["nats_per_token"] <= found["interval"][1]
    keys = {"uniform", "unigram", "ngram", "ngram_order", "ngram_tokens"}
    assert found["baselines"].keys() == keys
    assert found["baselines"]["uniform"] == pytest.approx(math.log(27))
    assert found["skipped"] == [] and 0 <= found["in_training_data"] <= 4


def test_an_advantage_is_claimed_for_unseen_items_only(
    seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    path, names, model = tmp_path / "names.txt", dino_names(), load_model(dinos_model, dinos())
    seen = [n for n in names if not is_novel(model.encoder.prompt(n), model.training_hashes)]
    for texts, tables, claims in ((["qzzq", "xqzv"], 1, 1), (names, 2, 1), (seen, 1, 0)):
        path.write_text("\n".join(texts))
        answer = seqgen("evaluate", dinos_model, "--data", path)
        assert answer.code == 0, answer.err
        assert answer.out.count("95 % interval") == tables
        assert answer.out.count("n-gram: ") + answer.out.count("n-gram is better: ") == claims
        assert "has no share" not in answer.out


def test_repeated_items_do_not_narrow_the_interval(
    seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    found = []
    for name, times in (("once", 1), ("again", 4)):
        path = tmp_path / f"{name}.txt"
        path.write_text("zuulia\nminmi\nyi\n" * times)
        found += lines(seqgen("evaluate", dinos_model, "--data", path, "--json").out)
    once, again = found
    assert (once["groups"], again["items"], again["groups"]) == (3, 12, 3)
    assert again["interval"] == pytest.approx(once["interval"])


def test_items_with_unknown_symbols_are_skipped_with_a_notice(
    seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "names.txt"
    path.write_text("minmi\nt-rex\n")
    answer = seqgen("evaluate", dinos_model, "--data", path, "--json")
    (found,) = lines(answer.out)
    assert found["items"] == 1 and len(found["skipped"]) == 1
    assert "unknown symbol '-'" in found["skipped"][0]["why"]
    assert "skipped: item 2" in answer.err


def test_the_first_of_many_skipped_items_are_listed(
    seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "names.txt"
    path.write_text("minmi\n" + "".join(f"{n}-rex\n" for n in range(30)))
    answer = seqgen("evaluate", dinos_model, "--data", path)
    assert answer.err.count("skipped: item") == 20
    assert answer.err.endswith("skipped: ... and 10 more; --json lists all\n")
    (found,) = lines(seqgen("evaluate", dinos_model, "--data", path, "--json").out)
    assert len(found["skipped"]) == 30


def test_score_adds_up_to_evaluate(seqgen: Run, dinos_model: Path, names: Path) -> None:
    scored = lines(seqgen("score", dinos_model, "--data", names, "--json").out)
    (found,) = lines(seqgen("evaluate", dinos_model, "--data", names, "--json").out)
    assert [item["text"] for item in scored] == ["Aardonyx", "Zuul", "Minmi", "Yi"]
    for item in scored:
        assert item["tokens"] == [*item["text"].lower(), "<end>"]
        assert len(item["token_nats"]) == len(item["tokens"])
        assert sum(item["token_nats"]) == pytest.approx(item["nats"])
        assert item["nats_per_token"] == pytest.approx(item["nats"] / len(item["tokens"]))
    total = sum(item["nats"] for item in scored) / sum(len(item["tokens"]) for item in scored)
    assert total == pytest.approx(found["nats_per_token"])


def test_inspect_a_model_and_data(seqgen: Run, dinos_model: Path, names: Path) -> None:
    (manifest,) = lines(seqgen("inspect", dinos_model, "--json").out)
    assert manifest["domain"]["name"] == "dinos"
    shown = seqgen("inspect", dinos_model)
    assert "domain dinos" in shown.out and "parameters" in shown.out
    assert "Keras and NumPy differ by at most 1.0e-06" in shown.out
    (card,) = lines(seqgen("inspect", names, "--json").out)
    assert card["domain"] == "dinos" and card["data_card"]["items"] == 4
    assert seqgen("inspect", names, "--domain", "dinos").out.startswith(f"{names} as dinos: 4")


def test_tables_are_for_people(seqgen: Run, dinos_model: Path, names: Path) -> None:
    for command in ("evaluate", "score"):
        answer = seqgen(command, dinos_model, "--data", names)
        assert answer.code == 0 and "nats per token" in answer.out and answer.err == ""


def test_plugins(seqgen: Run) -> None:
    answer = seqgen("plugins")
    assert any(line.startswith("dinos") for line in answer.out.splitlines())
    (found,) = [json.loads(seqgen("plugins", "--json").out)]
    (dinos,) = [plugin for plugin in found if plugin["name"] == "dinos"]
    assert dinos["distribution"] == "seqgen-dinos" and dinos["summary"] == "Dinosaur names"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ["generate", "none.safetensors"],
            "no model file, run folder or domain 'none.safetensors'",
        ),
        (["generate", "MODEL", "--prompt", "T"], "unknown symbol 'T'; nearest known: 't'"),
        (["generate", "MODEL", "--prompt", "ab", "--starts-with", "x"], "cannot continue with 'a'"),
        (["generate", "MODEL", "--temperature", "0"], "Error: --temperature must be"),
        (["generate", "MODEL", "--sampler", "greedy", "--top-k", "2"], "--top-k changes how"),
        (
            ["generate", "MODEL", "--min-length", "9", "--max-length", "3"],
            "no item of 9 to 3 tokens",
        ),
        (["generate", "MODEL", "--domain", "none.py"], "no domain file none.py"),
        (["evaluate", "MODEL", "--data", "none.txt"], "no data at none.txt"),
        (["inspect", "none.txt"], "no data at none.txt"),
        (["inspect", "README.md"], "no installed domain reads README.md; choose one with --domain"),
        (["run", "birds"], "no domain 'birds'; installed:"),
        (["run", "birds", "--help"], "no domain 'birds'"),
        (["run", "jazz", "--best", "99"], "Error: --best must be <= "),
        (["run", "dinos", "--best", "2"], "Error: domain 'dinos' does not rank its items"),
        (["generate", "MODEL", "--force", "x:y"], "Error: --force: a position must be an integer"),
        (["run", "dinos", "--units", "0"], "--units must be >= 1, was 0"),
        (["run", "dinos", "--seed", "99999999999999999999"], "--seed must be <= "),
        (["run", "dinos", "--minutes", "inf"], "--minutes must be"),
    ],
)
def test_expected_errors_are_one_line_and_exit_with_1(
    seqgen: Run,
    dinos_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    args: Sequence[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("README.md").write_text("x")
    answer = seqgen(*(dinos_model if arg == "MODEL" else arg for arg in args))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: ") and answer.err.count("\n") == 1
    assert words in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md"]


@pytest.mark.parametrize(
    "args",
    [
        ["fly"],
        ["generate"],
        ["generate", "MODEL", "-n", "0"],
        ["generate", "MODEL", "-n", "x"],
        ["generate", "MODEL", "--only", "-1"],
        ["generate", "MODEL", "--only", "99999999999999999999"],
        ["generate", "MODEL", "--only", "1", "-n", "2"],
        ["generate", "MODEL", "--stream", "--unbiased"],
        ["generate", "MODEL", "--fly"],
        ["generate", "MODEL", "extra"],
        ["evaluate", "MODEL"],
        ["evaluate", "MODEL", "--learning-curve", "--column", "name"],
        ["train", "dinos", "--folds", "2", "--held-out", "0.35"],
        ["train", "dinos", "--folds", "2", "--tensorboard"],
        ["run"],
        ["run", "dinos", "--temperature", "warm"],
        ["run", "dinos", "--cell", "rnn"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(seqgen: Run, dinos_model: Path, args: Sequence[str]) -> None:
    answer = seqgen(*(dinos_model if arg == "MODEL" else arg for arg in args))
    assert (answer.code, answer.out) == (2, "")
    assert "Error: " in answer.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(seqgen: Run, command: str) -> None:
    answer = seqgen(command, "--help")
    assert answer.code == 0 and answer.out.startswith(f"Usage: seqgen {command}")
    assert command in seqgen("--help").out

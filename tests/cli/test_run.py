"""seqgen run in a process of its own: the whole way, up to date, JSON only, interrupts, pipes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from seqgen.io.atomic_files import write_file
from seqgen.io.run_folder import RunFolder

from ..conftest import Answer, in_process

pytestmark = pytest.mark.slow

CALL = "import sys; from seqgen.cli.main import main; main(sys.argv[1:])"
#: Progress is written after every epoch, not every ten seconds.
EVERY_LINE = "import seqgen.runs.progress as progress; progress.SECONDS_BETWEEN_LINES = 0.0"
#: A shell that starts tests in the background has its children ignore Ctrl-C.
HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
SMALL = ("--epochs", "2", "--units", "8", "--embedding", "4")


def seqgen(*args: object) -> Answer:
    """The command line in a process of its own."""
    return in_process(["-c", CALL, *map(str, args)])


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A run folder and what the run that made it said."""
    out = tmp_path_factory.mktemp("runs") / "dinos"
    return out, seqgen("run", "dinos", "--out", out, *SMALL, "--generate", "-n", 12, "--json")


def manifest(path: Path) -> dict[str, Any]:
    """The manifest of a model file, read without seqgen."""
    with safe_open(path, framework="np") as file:
        found: dict[str, Any] = json.loads(file.metadata()["seqgen"])
    return found


def test_stdout_holds_one_json_value_and_nothing_else(first: tuple[Path, Answer]) -> None:
    out, answer = first
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["domain"] == "dinos" and found["model"] == str(out / "model.safetensors")
    assert found["data_card"]["items"] == 1479
    assert found["training"]["epochs"] == 2 and found["training"]["ended"] == "epochs"
    assert len(found["samples"]) == 12
    assert "1,479 items" in answer.err and "trained 2 epochs" in answer.err
    assert "Traceback" not in answer.err and "Warning" not in answer.err


def test_the_run_folder_holds_everything(first: tuple[Path, Answer]) -> None:
    out, answer = first
    names = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    samples = [str(Path("samples", name)) for name in ("names.txt", "samples.jsonl")]
    assert names == [".lock", "history.csv", "model.safetensors", "request.json", *samples]
    assert len((out / "history.csv").read_text().splitlines()) == 3
    listed = [str(Path(file)) for file in json.loads(answer.out)["files"]]
    assert sorted(listed) == sorted(str(out / name) for name in samples)


def test_samples_of_an_earlier_run_are_moved_aside(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.keep_previous_samples() is None
    for text in ("first", "second", "third"):
        folder.keep_previous_samples()
        write_file(folder.samples / f"{text}.txt", text)
    assert [path.name for path in folder.samples.iterdir()] == ["third.txt"]
    kept = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("samples.*/*"))
    assert kept == ["samples.1/first.txt", "samples.2/second.txt"]


def test_the_model_knows_what_it_is_worth(first: tuple[Path, Answer]) -> None:
    out, answer = first
    saved = manifest(out / "model.safetensors")
    held_out = saved["metrics"]["held_out"]
    assert held_out["interval"][0] < held_out["nats_per_token"] < held_out["interval"][1]
    baselines = held_out["baselines"]
    assert baselines["ngram"] < baselines["unigram"] < baselines["uniform"]
    assert held_out["nats_per_token"] < baselines["uniform"]
    assert held_out["items"] == 148 == saved["data_card"]["parts"]["held_out"]
    assert 0 < saved["equivalence"]["largest_difference_nats"] < 1e-5, "law 2 on real data"
    assert saved["equivalence"]["tokens"] > 100
    assert json.loads(answer.out)["metrics"] == saved["metrics"]


def test_a_second_run_trains_nothing(first: tuple[Path, Answer]) -> None:
    out, answer = first
    before = (out / "model.safetensors").read_bytes()
    again = seqgen("run", "dinos", "--out", out, *SMALL, "-n", 12, "--json")
    assert again.code == 0 and "is up to date with this data and these settings" in again.err
    assert (out / "model.safetensors").read_bytes() == before
    one, other = json.loads(answer.out), json.loads(again.out)
    assert one["samples"] == other["samples"] and one["metrics"] == other["metrics"]
    assert not (out / "model.previous.safetensors").exists()


def test_the_same_settings_give_the_same_model(first: tuple[Path, Answer], tmp_path: Path) -> None:
    answer = seqgen("train", "dinos", "--out", tmp_path, *SMALL)
    assert answer.code == 0, answer.err
    one = load_file(first[0] / "model.safetensors")
    other = load_file(tmp_path / "model.safetensors")
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.tobytes() == other[name].tobytes(), name
    assert not (tmp_path / "samples").exists()


def test_other_settings_retrain_and_keep_the_previous_model(
    first: tuple[Path, Answer], tmp_path: Path
) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes((first[0] / "model.safetensors").read_bytes())
    answer = seqgen("run", "dinos", "--out", tmp_path, *SMALL, "--learning-rate", "0.01")
    assert answer.code == 0 and "is up to date" not in answer.out
    assert "is out of date (learning_rate was " in answer.out
    assert manifest(model)["training"]["learning_rate"] == 0.01
    kept = tmp_path / "model.previous.safetensors"
    assert kept.read_bytes() == (first[0] / "model.safetensors").read_bytes()


def test_samples_do_not_depend_on_the_way_they_are_asked_for(first: tuple[Path, Answer]) -> None:
    out, answer = first
    wanted = json.loads(answer.out)["samples"]
    alone = seqgen("generate", out / "model.safetensors", "--only", 11, "--json")
    assert json.loads(alone.out)["text"] == wanted[11]["text"]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_keeps_the_best_model(tmp_path: Path) -> None:
    # XLA takes long to compile the steps of a long training, and compiles only smaller networks.
    args = ["run", "dinos", "--out", str(tmp_path), "--epochs", "100000", "--units", "130"]
    process = subprocess.Popen(
        [sys.executable, "-c", f"{HEARD}; {EVERY_LINE}; {CALL}", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None and process.stdout is not None
    line = process.stderr.readline()  # so an epoch is done
    assert line.startswith("epoch "), line
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    model = tmp_path / "model.safetensors"
    assert f"Interrupted: the best model so far is in {model}" in out
    assert manifest(model)["training_ended"]["ended"] == "interrupted"
    assert "Traceback" not in err
    assert seqgen("generate", model, "-n", 2).code == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes are closed otherwise on Windows")
def test_a_reader_that_has_seen_enough_is_no_error(first: tuple[Path, Answer]) -> None:
    args = [sys.executable, "-c", CALL, "generate", str(first[0] / "model.safetensors")]
    process = subprocess.Popen(
        [*args, "-n", "3000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().strip()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0 and err == ""


def test_folds_score_every_item_once(tmp_path: Path) -> None:
    flags = ("--out", tmp_path, *SMALL, "--epochs", 1, "--mixture", "off", "--folds", 2)
    answer = seqgen("train", "dinos", *flags, "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["items"] == 1479 and found["folds"] == 2
    low, high = found["minus_ngram"]["interval"]
    assert 0 < low < found["minus_ngram"]["nats_per_token"] < high
    assert "The n-gram is better" in answer.err, "after one epoch of eight units"
    cards = [manifest(tmp_path / f"fold{k}" / "model.safetensors")["data_card"] for k in (1, 2)]
    assert cards[0]["split"] != cards[1]["split"]
    assert sum(card["parts"]["held_out"] for card in cards) == 1479

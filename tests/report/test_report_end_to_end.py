"""The whole way in processes of their own: train with TensorBoard, learning curve, report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from seqgen.errors import SeqgenError
from seqgen.training.history import check_tensorboard

from ..conftest import in_process
from ..helpers.fakes import dino_names

CALL = "import sys; from seqgen.cli.main import main; main(sys.argv[1:])"
SMALL = ("--epochs", "2", "--units", "8", "--embedding", "4")


@pytest.mark.slow
def test_train_curve_and_report(tmp_path: Path) -> None:
    names, out = tmp_path / "names.txt", tmp_path / "run"
    names.write_text("\n".join(dino_names()), encoding="utf-8")

    def seqgen(*args: object) -> str:
        answer = in_process(["-c", CALL, *map(str, args)])
        assert answer.code == 0, answer.err
        return answer.out

    seqgen("train", "dinos", "--data", names, "--out", out, *SMALL, "--tensorboard")
    assert len((out / "history.csv").read_text().splitlines()) == 3
    events = [path.read_bytes() for path in (out / "tensorboard").rglob("events.*")]
    assert any(b"epoch_nats" in content for content in events)
    curve = json.loads(seqgen("evaluate", out / "model.safetensors", "--learning-curve", "--json"))
    assert len(curve["items"]) == 4 and "doubling" in curve["words"]
    seqgen("report", out, "-n", 10)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Learning curve" in page and "Training curves" in page


def test_a_missing_tensorboard_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    check_tensorboard()
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(SeqgenError, match="package tensorboard"):
        check_tensorboard()

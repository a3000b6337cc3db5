"""Receipts: on every result, the same alone and among many, and replayed."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.receipt import hash_file, hash_tokens
from seqgen.models.model_file import load_model, save_model
from seqgen.registry.installed_plugins import load_domain

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos, model_by_hand
from ..helpers.receipts import Replay, samples, with_tokens


def test_the_receipt_holds_all_that_an_item_came_from(seqgen: Run, dinos_model: Path) -> None:
    flags = ("--seed", 7, "--temperature", 0.8, "--starts-with", "t", "--prompt", "tr")
    answer = seqgen("generate", dinos_model, "-n", 3, "--match", "t.*", *flags, "--json")
    for number, sample in enumerate(samples(answer.out)):
        receipt = sample["receipt"]
        assert receipt["seqgen"] == "0.1.0" and receipt["index"] == number
        assert receipt["domain"]["name"] == "dinos"
        assert receipt["domain"]["distribution"] == "seqgen-dinos"
        assert receipt["model"] == {"path": str(dinos_model), "sha256": hash_file(dinos_model)}
        names = {item.name for item in fields(SamplingConfig)}
        assert receipt["settings"].keys() == names - {"processors", "components"}
        assert (receipt["settings"]["seed"], receipt["settings"]["temperature"]) == (7, 0.8)
        assert receipt["options"]["starts_with"] == "t" and receipt["options"]["max_length"] == 40
        assert (receipt["prompt"], receipt["match"]) == ("tr", "t.*")
        assert (receipt["novel"], receipt["unbiased"]) == (False, False)
        assert receipt["tokens_sha256"] == hash_tokens(receipt["tokens"])
        letters = "".join(dinos_symbols(dinos_model)[token] for token in receipt["tokens"])
        assert letters.capitalize() == sample["text"]


def dinos_symbols(path: Path) -> tuple[str, ...]:
    """The letters of a model."""
    return load_model(path, dinos()).encoder.vocabulary.symbols


def test_alone_and_among_many_the_receipt_is_the_same(seqgen: Run, dinos_model: Path) -> None:
    many = samples(seqgen("generate", dinos_model, "-n", 9, "--json").out)
    (alone,) = samples(seqgen("generate", dinos_model, "--only", 7, "--json").out)
    assert alone["receipt"] == many[7]["receipt"]


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--seed", 5, "--top-p", 0.9, "--batch-size", 3),
        ("--starts-with", "tri", "--max-length", 9),
        ("--prompt", "qu"),
        ("--novel",),
        ("--match", "[ab].{2,6}o", "--novel"),
        ("--starts-with", "m", "--unbiased"),
        ("--sampler", "greedy"),
        ("--max-tokens", 4),
        ("--stream",),
    ],
    ids=str,
)
def test_every_receipt_replays(
    seqgen: Run, dinos_model: Path, tmp_path: Path, flags: tuple[Any, ...]
) -> None:
    answer = seqgen("generate", dinos_model, "-n", 3, "--json", *flags)
    found = [value for value in samples(answer.out) if "receipt" in value]
    path = tmp_path / "samples.jsonl"
    path.write_text(answer.out)
    for sample in found:
        again = seqgen("replay", path, "--index", sample["index"])
        assert again.code == 0, again.err
        assert again.out.splitlines()[0].startswith(sample["text"])
        assert f"sample {sample['index']} is the same as in its receipt" in again.out
        (told,) = samples(seqgen("replay", path, "--index", sample["index"], "--json").out)
        assert told["same"] and told["receipt"] == sample["receipt"]


def test_receipts_of_jazz_replay(seqgen: Run, jazz_model: Path, tmp_path: Path) -> None:
    chart = ("--chart", "Dm7 | G7 | Cmaj7 | %", "--tempo", 180)
    answer = seqgen("generate", jazz_model, "-n", 2, "--out", tmp_path, *chart)
    assert answer.code == 0, answer.err
    again = seqgen("replay", tmp_path / "samples.jsonl", "--index", 1)
    assert again.code == 0 and "sample 1 is the same" in again.out


def test_a_receipt_is_found_in_every_output(
    seqgen: Run, replay: Replay, receipt: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretty = json.dumps(receipt, indent=2)
    run = {"domain": "dinos", "samples": [{"receipt": {**receipt, "index": 1}}]}
    run["samples"].append({"index": 2, "receipt": receipt})  # type: ignore[attr-defined]
    for value in (receipt, pretty, {"index": 2, "receipt": receipt}, "\ufeff" + pretty):
        assert replay(value).code == 0
    assert replay(run, "--index", 2).code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(pretty))
    assert seqgen("replay", "-").code == 0


def test_a_model_that_moved_is_named(
    replay: Replay, receipt: dict[str, Any], dinos_model: Path, tmp_path: Path
) -> None:
    receipt["model"]["path"] = "gone/model.safetensors"
    answer = replay(receipt)
    assert answer.code == 1 and "no model file gone/model.safetensors" in answer.err
    assert "--model" in answer.err
    moved = tmp_path / "moved.safetensors"
    shutil.copy(dinos_model, moved)
    assert replay(receipt, "--model", moved).code == 0


def test_a_model_of_another_content_is_refused(
    replay: Replay, receipt: dict[str, Any], tmp_path: Path
) -> None:
    other = tmp_path / "other.safetensors"
    save_model(other, model_by_hand(dinos(), dino_names(), seed=1))
    answer = replay(receipt, "--model", other)
    assert answer.code == 1 and answer.out == ""
    assert hash_file(other) in answer.err and receipt["model"]["sha256"] in answer.err


def test_the_first_difference_is_named(
    replay: Replay, receipt: dict[str, Any], dinos_model: Path
) -> None:
    tokens, symbols = receipt["tokens"], dinos_symbols(dinos_model)
    other = (tokens[2] + 1) % len(symbols)
    answer = replay(with_tokens(receipt, [*tokens[:2], other, *tokens[3:]]))
    assert answer.code == 1
    assert f"token 3 was {symbols[other]!r} and is {symbols[tokens[2]]!r} now" in answer.err
    assert "the end and is" in replay(with_tokens(receipt, tokens[:-1])).err
    longer = replay(with_tokens(receipt, [*tokens, 0]), "--json")
    assert longer.code == 1 and "'a' and is the end now" in longer.err
    assert json.loads(longer.out)["same"] is False
    assert "unknown token 999" in replay(with_tokens(receipt, [999, *tokens])).err


def test_other_versions_are_reported_and_accepted(replay: Replay, receipt: dict[str, Any]) -> None:
    receipt["seqgen"], receipt["domain"]["version"] = "0.0.1", "0.0.2"
    answer = replay(receipt)
    assert answer.code == 0
    assert "(seqgen 0.0.1 then, 0.1.0 now; seqgen-dinos 0.0.2 then, seqgen-dinos" in answer.out
    different = replay(with_tokens(receipt, [0]))
    assert different.code == 1 and "seqgen 0.0.1 then" in different.err


def test_which_of_several_must_be_said(
    replay: Replay, seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    out = seqgen("generate", dinos_model, "-n", 12, "--json").out
    answer = replay(out)
    assert answer.code == 1 and "choose one with --index (0, 1, 2, 3," in answer.err
    assert ", ...)" in answer.err
    assert "no receipt of index 99" in replay(out, "--index", 99).err


def test_a_file_without_a_receipt_is_refused(
    seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    assert "no receipt none.json" in seqgen("replay", "none.json").err
    assert "no receipt" in seqgen("replay", tmp_path).err
    answer = seqgen("replay", dinos_model)
    assert answer.code == 1 and "Error: " in answer.err and "Traceback" not in answer.err


def test_a_domain_of_one_file_replays_with_its_file(seqgen: Run, tmp_path: Path) -> None:
    file = Path(__file__).parents[2] / "examples" / "towns" / "towns.py"
    loaded, path = load_domain(str(file)), tmp_path / "towns.safetensors"
    save_model(path, model_by_hand(loaded, list(loaded.domain.corpus(None, None))))  # type: ignore[arg-type]
    flags = ("--domain", file)
    assert seqgen("generate", path, "-n", 2, "--out", tmp_path, *flags).code == 0
    lines = tmp_path / "samples.jsonl"
    assert seqgen("replay", lines, "--index", 1, *flags).code == 0
    assert "with --domain" in seqgen("replay", lines, "--index", 1).err
    changed = tmp_path / "towns.py"
    changed.write_text(f"{file.read_text()}\n# another version\n")
    shutil.copy(file.with_name("towns.txt"), tmp_path)
    answer = seqgen("replay", lines, "--index", 1, "--domain", changed)
    assert answer.code == 0 and f"towns.py {loaded.version} then, towns.py" in answer.out

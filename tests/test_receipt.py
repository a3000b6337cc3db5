"""Receipts: JSON and back, the same alone and among many, replayed, and never trusted."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.domains.domain import NoOptions
from seqgen.domains.registry import load_domain
from seqgen.errors import SeqgenError
from seqgen.generation.config import GenerateConfig
from seqgen.models.model_file import load_model, save_model
from seqgen.runs.demands import Demands
from seqgen.runs.option_values import options_from_json, options_to_json
from seqgen.runs.receipt import Origin, Receipt, hash_file, hash_tokens

from .conftest import Run
from .fakes import dino_names, dinos, model_by_hand

TEXTS = st.text(max_size=12)
RECEIPTS = st.builds(
    Receipt,
    origin=st.builds(Origin, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    settings=st.builds(
        GenerateConfig,
        temperature=st.floats(0.001, 100.0),
        top_k=st.integers(0, 99),
        ban=TEXTS,
        max_tokens=st.none() | st.integers(5, 99),
        seed=st.integers(0, 2**63 - 1),
    ),
    options=st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers() | TEXTS),
    prompt=TEXTS,
    demands=st.builds(Demands, match=TEXTS, novel=st.booleans(), unbiased=st.booleans()),
    index=st.integers(0, 2**63 - 1),
    tokens=st.lists(st.integers(0, 500)).map(tuple),
)


@given(RECEIPTS)
def test_a_receipt_comes_back_from_json(receipt: Receipt) -> None:
    text = json.dumps(receipt.to_json(), ensure_ascii=False)
    assert Receipt.from_json(json.loads(text), "here") == receipt


def test_hashes_never_change() -> None:
    # They stand in receipts that people keep, and can be checked without seqgen.
    assert hash_tokens([1, 20, 3]) == hashlib.sha256(b"1 20 3").hexdigest()
    assert hash_tokens([]) == hashlib.sha256(b"").hexdigest()


def samples(answer_out: str) -> list[dict[str, Any]]:
    """The objects of ``--json``."""
    return [json.loads(line) for line in answer_out.splitlines()]


def test_the_receipt_holds_all_that_an_item_came_from(seqgen: Run, dinos_model: Path) -> None:
    flags = ("--seed", 7, "--temperature", 0.8, "--starts-with", "t", "--prompt", "tr")
    answer = seqgen("generate", dinos_model, "-n", 3, "--match", "t.*", *flags, "--json")
    for number, sample in enumerate(samples(answer.out)):
        receipt = sample["receipt"]
        assert receipt["seqgen"] == "0.1.0" and receipt["index"] == number
        assert receipt["domain"]["name"] == "dinos"
        assert receipt["domain"]["distribution"] == "seqgen-dinos"
        assert receipt["model"] == {"path": str(dinos_model), "sha256": hash_file(dinos_model)}
        assert receipt["settings"].keys() == {item.name for item in fields(GenerateConfig)}
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


@pytest.fixture
def receipt(seqgen: Run, dinos_model: Path) -> dict[str, Any]:
    """The receipt of one sample."""
    (sample,) = samples(seqgen("generate", dinos_model, "--only", 2, "--json").out)
    found: dict[str, Any] = sample["receipt"]
    return found


Replay = Callable[..., Any]


@pytest.fixture
def replay(seqgen: Run, tmp_path: Path) -> Replay:
    """Replay a JSON value, written to a file."""

    def run(value: Any, *flags: object) -> Any:
        path = tmp_path / "receipt.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return seqgen("replay", path, *flags)

    return run


def test_a_receipt_is_read_wherever_it_stands(
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


def with_tokens(receipt: dict[str, Any], tokens: list[int]) -> dict[str, Any]:
    """The receipt with other tokens and their hash."""
    return {**receipt, "tokens": tokens, "tokens_sha256": hash_tokens(tokens)}


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


def test_other_versions_are_told_and_decide_nothing(
    replay: Replay, receipt: dict[str, Any]
) -> None:
    receipt["seqgen"], receipt["domain"]["version"] = "0.0.1", "0.0.2"
    answer = replay(receipt)
    assert answer.code == 0
    assert "(seqgen 0.0.1 then, 0.1.0 now; seqgen-dinos 0.0.2 then, seqgen-dinos" in answer.out
    different = replay(with_tokens(receipt, [0]))
    assert different.code == 1 and "seqgen 0.0.1 then" in different.err


def without(receipt: dict[str, Any], key: str) -> dict[str, Any]:
    """The receipt without a key."""
    return {name: value for name, value in receipt.items() if name != key}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda r: {**r, "code": "import os"}, "unknown key 'code'"),
        (lambda r: without(r, "prompt"), "'prompt' is missing"),
        (lambda r: without(r, "tokens_sha256"), "'tokens_sha256' is missing"),
        (lambda r: {**r, "format": 2}, "has format 2, this seqgen reads format 1"),
        (lambda r: {**r, "format": True}, "'format' must be a whole number"),
        (lambda r: {**r, "novel": 1}, "'novel' must be a boolean, was '1'"),
        (lambda r: {**r, "index": -1}, "index must be in 0..2**63-1, was -1"),
        (lambda r: {**r, "index": 2**63}, "index must be in 0..2**63-1"),
        (lambda r: {**r, "tokens": [0, 1]}, "do not fit their hash, so it was changed"),
        (lambda r: with_tokens(r, [-1]), "tokens must be whole numbers from 0"),
        (lambda r: {**r, "model": {"path": "x"}}, "'sha256' is missing"),
        (lambda r: {**r, "model": {**r["model"], "path": 3}}, "'path' must be text"),
        (lambda r: {**r, "settings": {"heat": 1}}, "unknown setting 'heat'"),
        (lambda r: {**r, "settings": {"temperature": "1"}}, "temperature must be float"),
        (lambda r: {**r, "settings": {"temperature": -1}}, "temperature must be >= 0.001"),
        (lambda r: {**r, "options": {"colour": "red"}}, "unknown setting 'colour'"),
        (lambda r: {**r, "options": {"max_length": "9"}}, "max_length must be int"),
        (lambda r: {**r, "options": {"max_length": 99}}, "max_length must be <= 40"),
        (lambda r: {**r, "match": "("}, "this ( is never closed"),
        (lambda r: {**r, "prompt": "Q"}, "unknown symbol 'Q'"),
        (lambda r: {**r, "domain": {**r["domain"], "name": "jazz"}}, "it was changed"),
        (lambda r: [r], "holds no receipt"),
        (lambda r: {"index": 2, "token": "a"}, "holds no receipt"),
        (lambda r: "", "not JSON"),
        (lambda r: "[" * 100_000, "not JSON"),
        (lambda r: '{"a": 1}\n{"a"', "not JSON"),
        (lambda r: f"{json.dumps(r)}\n{json.dumps(r)}", "2 receipts that fit"),
    ],
)
def test_a_receipt_is_never_trusted(
    replay: Replay, receipt: dict[str, Any], spoil: Callable[[Any], Any], words: str
) -> None:
    answer = replay(spoil(receipt))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: ") and answer.err.count("\n") == 1
    assert words in answer.err


def test_which_of_several_must_be_said(
    replay: Replay, seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    out = seqgen("generate", dinos_model, "-n", 12, "--json").out
    answer = replay(out)
    assert answer.code == 1 and "say which with --index (0, 1, 2, 3," in answer.err
    assert ", ...)" in answer.err
    assert "no receipt of index 99" in replay(out, "--index", 99).err


def test_what_is_no_receipt_file_is_told(seqgen: Run, dinos_model: Path, tmp_path: Path) -> None:
    assert "no receipt none.json" in seqgen("replay", "none.json").err
    assert "no receipt" in seqgen("replay", tmp_path).err
    answer = seqgen("replay", dinos_model)
    assert answer.code == 1 and "Error: " in answer.err and "Traceback" not in answer.err


def test_no_code_of_a_receipt_or_a_model_file_is_run(
    replay: Replay, seqgen: Run, receipt: dict[str, Any], tmp_path: Path
) -> None:
    trap = tmp_path / "trap.py"
    trap.write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    assert replay({**receipt, "domain": {**receipt["domain"], "name": str(trap)}}).code == 1
    trained = model_by_hand(dinos(), dino_names())
    domain = {**trained.manifest["domain"], "name": str(trap)}
    path = tmp_path / "trap.safetensors"
    save_model(path, replace(trained, manifest={**trained.manifest, "domain": domain}))
    model = {"path": str(path), "sha256": hash_file(path)}
    answers = [replay({**receipt, "model": model}), seqgen("generate", path)]
    assert all(answer.code == 1 for answer in answers)
    assert all("that is no name of a domain" in answer.err for answer in answers)
    assert not (tmp_path / "sprung").exists()


def test_a_domain_of_one_file_replays_with_its_file(seqgen: Run, tmp_path: Path) -> None:
    file = Path(__file__).parents[1] / "examples" / "towns" / "towns.py"
    loaded, path = load_domain(str(file)), tmp_path / "towns.safetensors"
    save_model(path, model_by_hand(loaded, list(loaded.domain.corpus(None))))  # type: ignore[arg-type]
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


@dataclass(frozen=True)
class Asked:
    """Options of every kind."""

    where: Path = Path("a")
    name: str = "b"
    bars: int | None = None
    tempo: float = 1.5
    swing: bool = False


def test_options_of_every_kind_come_back() -> None:
    for options in (Asked(), Asked(Path("x/y"), "z", 3, 2.0, True)):
        saved = json.loads(json.dumps(options_to_json(options)))
        assert options_from_json(Asked, saved, "here") == options
    assert options_from_json(NoOptions, {}, "here") == NoOptions()
    for wrong in ({"bars": "3"}, {"tempo": True}, {"where": 3}, {"colour": 1}):
        with pytest.raises(SeqgenError, match="here: "):
            options_from_json(Asked, wrong, "here")

"""The model file: what is written comes back, and every damage is one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from safetensors import safe_open

from seqgen import SeqgenError
from seqgen.errors import ModelFileError
from seqgen.models.model_file import (
    FORMAT_VERSION,
    MANIFEST_KEY,
    load_model,
    read_manifest,
    save_model,
)
from seqgen.registry.installed_plugins import LoadedDomain

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos, model_by_hand, text_domain

Manifest = dict[str, Any]


def parts(path: Path) -> tuple[dict[str, Any], Manifest]:
    """The arrays and the manifest of a model file, read without seqgen."""
    with safe_open(path, framework="np") as file:
        manifest = json.loads(file.metadata()[MANIFEST_KEY])
    return safetensors.numpy.load_file(path), manifest


@pytest.fixture
def change(dinos_model: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write the model file again with its arrays or its manifest changed."""

    def write(
        arrays: Callable[[dict[str, Any]], object] | None = None,
        manifest: Callable[[Manifest], object] | None = None,
    ) -> Path:
        values, saved = parts(dinos_model)
        if arrays is not None:
            arrays(values)
        if manifest is not None:
            manifest(saved)
        path = tmp_path / "changed.safetensors"
        safetensors.numpy.save_file(values, path, {MANIFEST_KEY: json.dumps(saved)})
        return path

    return write


def refused(path: Path, *words: str, loaded: LoadedDomain | None = None) -> None:
    """Loading fails with one line that names the file and holds some words."""
    with pytest.raises(ModelFileError) as error:
        load_model(path, loaded or dinos())
    message = str(error.value)
    assert str(path) in message and "\n" not in message
    for word in words:
        assert word in message


def test_everything_is_restored(tmp_path: Path) -> None:
    trained = model_by_hand(dinos(), dino_names())
    path = tmp_path / "new" / "m.safetensors"
    save_model(path, trained)
    again = load_model(path, dinos())
    assert again.encoder.fingerprint() == trained.encoder.fingerprint()
    assert {**again.manifest, **trained.manifest} == again.manifest
    assert again.manifest["format"] == FORMAT_VERSION
    assert again.manifest["equivalence"]["largest_difference_nats"] == 1e-6
    np.testing.assert_array_equal(again.training_hashes, trained.training_hashes)
    assert again.networks[0].weights.keys() == trained.networks[0].weights.keys()
    for name, array in trained.networks[0].weights.items():
        np.testing.assert_array_equal(again.networks[0].weights[name], array)
    assert again.ngram().counts == trained.ngram().counts
    assert again.ngram().order == trained.ngram().order
    assert read_manifest(path) == again.manifest


def test_the_file_is_a_plain_safetensors_file(dinos_model: Path) -> None:
    arrays, manifest = parts(dinos_model)
    assert {"layer0.kernel", "readout.bias", "ngram.counts"} <= arrays.keys()
    assert manifest["domain"]["name"] == "dinos"
    assert dinos_model.read_bytes()[8:9] == b"{", "a JSON header: loading it runs no code"


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.05, 0.5, 0.999])
def test_a_truncated_file(dinos_model: Path, tmp_path: Path, share: float) -> None:
    data = dinos_model.read_bytes()
    path = tmp_path / "cut.safetensors"
    path.write_bytes(data[: int(len(data) * share)])
    refused(path, "is damaged or not a model file", "copy it again or retrain")


@pytest.mark.parametrize(
    "content", [b"\0" * 100, b"<html>", b"\xff" * 9, b"PK\3\4zip", bytes(range(256)) * 20]
)
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    refused(path, "is damaged or not a model file")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    refused(tmp_path / "none.safetensors", "no model file", "seqgen run DOMAIN")
    refused(tmp_path, "no model file")


def test_the_value_of_a_flag_instead_of_the_model(tmp_path: Path) -> None:
    """``seqgen generate --instrument flute MODEL`` takes the flute for the model."""
    refused(Path("flute"), "no model file flute", "give the flag after the model file")
    with pytest.raises(ModelFileError) as caught:
        read_manifest(tmp_path / "none.safetensors")
    assert "first" not in str(caught.value)


@pytest.mark.parametrize(
    "metadata", [None, {"other": "1"}, {MANIFEST_KEY: "{"}, {MANIFEST_KEY: "7"}]
)
def test_a_safetensors_file_of_another_program(
    tmp_path: Path, metadata: dict[str, str] | None
) -> None:
    path = tmp_path / "other.safetensors"
    safetensors.numpy.save_file({"a": np.zeros(3, np.float32)}, path, metadata)
    refused(path, "without a seqgen manifest", "another program")


def test_another_format_version(change: Callable[..., Path]) -> None:
    path = change(manifest=lambda saved: saved.update(format=FORMAT_VERSION + 1))
    refused(
        path, f"has format {FORMAT_VERSION + 1}", f"reads format {FORMAT_VERSION}", "or retrain"
    )


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda a: a.pop("layer0.kernel"), "weight 'layer0.kernel' is missing"),
        (lambda a: a.update({"readout.bias": np.zeros(3, np.float32)}), "float32 of shape (27,)"),
        (lambda a: a.update({"readout.bias": np.zeros(27)}), "was float64 of shape (27,)"),
        (lambda a: a["layer0.bias"].__setitem__(0, np.nan), "'layer0.bias' has values that are"),
        (lambda a: a["layer0.bias"].__setitem__(0, np.inf), "not finite"),
    ],
)
def test_invalid_weights(
    change: Callable[..., Path], damage: Callable[[dict[str, Any]], object], words: str
) -> None:
    refused(change(arrays=damage), words)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda m: m["model"].update(units=13), "weight 'layer0.kernel' must be"),
        (lambda m: m["model"].update(units=0), "units must be >= 1, was 0"),
        (lambda m: m["model"].update(width=1), "model: unknown setting 'width'"),
        (lambda m: m["shape"].update(vocabulary_size=5), "the encoder needs"),
        (lambda m: m.update(encoder_fingerprint="0"), "install that version or retrain"),
        (lambda m: m.pop("encoder"), "its manifest is damaged"),
        (lambda m: m.update(encoder={}), "its manifest is damaged"),
        (lambda m: m.update(encoder={"alphabet": 3}), "its manifest is damaged"),
        (lambda m: m.update(encoder={"alphabet": "aa"}), "twice in the vocabulary"),
        (lambda m: m.pop("model"), "its manifest is damaged"),
        (lambda m: m.update(shape=[]), "its manifest is damaged"),
    ],
)
def test_an_invalid_manifest(
    change: Callable[..., Path], damage: Callable[[Manifest], object], words: str
) -> None:
    refused(change(manifest=damage), words)


def test_a_model_of_another_domain(dinos_model: Path) -> None:
    other = LoadedDomain(text_domain(()), "tests", "1")
    refused(dinos_model, "is for domain 'dinos', was loaded for 'words'", loaded=other)


def test_a_model_without_counts_for_the_baseline(change: Callable[..., Path]) -> None:
    trained = load_model(change(arrays=lambda a: a.pop("ngram.rows")), dinos())
    with pytest.raises(ModelFileError, match="no n-gram counts"):
        trained.ngram()


def test_the_command_line_names_a_domain_that_is_not_installed(
    change: Callable[..., Path], seqgen: Run
) -> None:
    path = change(manifest=lambda saved: saved["domain"].update(name="birds"))
    answer = seqgen("generate", path)
    assert answer.code == 1 and answer.err.count("\n") == 1
    assert f"{path} is a model for domain 'birds' of seqgen-dinos" in answer.err
    assert "--domain" in answer.err


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.safetensors"
    trained = model_by_hand(dinos(), dino_names())
    save_model(path, trained)
    before = path.read_bytes()

    def half(arrays: Any, target: Path, metadata: Any) -> None:
        Path(target).write_bytes(b"half a file")
        raise safetensors.SafetensorError("I/O error: no space left")

    monkeypatch.setattr("safetensors.numpy.save_file", half)
    with pytest.raises(SeqgenError, match=r"cannot write .*m\.safetensors: .*no space left"):
        save_model(path, trained)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "no temporary file is left"
    with pytest.raises(ValueError):  # a figure that is not finite is a bug, and writes nothing
        save_model(path, replace(trained, manifest={**trained.manifest, "x": float("nan")}))
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]

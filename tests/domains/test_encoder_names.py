"""A model opens again when the class of its encoder is renamed or moved."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from seqgen import CharEncoder, Encoder, SymbolEncoder
from seqgen.errors import ModelFileError
from seqgen.models.model_file import load_model, read_manifest, save_model
from seqgen.registry.installed_plugins import load_domain

from ..conftest import Install
from ..helpers.fakes import model_by_hand

FILE = """\
import seqgen

class Letters(seqgen.SymbolEncoder[str]):
    name = "letters"

    def symbols(self, item):
        return list(item)

    def item(self, symbols):
        return "".join(symbols)

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name="letters", summary="Letters", encoder=Letters,
        corpus=lambda source, options: ["york", "leeds", "hull", "selby"],
    )
"""


class Letters(SymbolEncoder[str]):
    """One token for each letter, without a name of its own."""

    def symbols(self, item: str) -> list[str]:
        return list(item)

    def item(self, symbols: object) -> str:
        return "".join(symbols)  # type: ignore[call-overload, no-any-return]


class RenamedLetters(Letters):
    """The same under another class name."""


class OtherLetters(Letters):
    """The same under another declared name."""

    name = "other"


class NewLetters(Letters):
    """The same under another declared name, with the earlier one."""

    name, aliases = "new", ("other",)


class OnlyNewLetters(Letters):
    """Without the earlier name."""

    name = "new"


class AfterNewLetters(Letters):
    """With two earlier names."""

    name, aliases = "newest", ("other", "new")


def test_the_fingerprint_depends_on_the_declared_name_only() -> None:
    letters = Letters().fit(["york"])
    assert letters.fingerprint() == RenamedLetters().fit(["york"]).fingerprint()
    assert letters.fingerprint() != OtherLetters().fit(["york"]).fingerprint()
    assert letters.fingerprint() != CharEncoder().fit(["york"]).fingerprint()
    assert letters.fingerprint() != Letters().fit(["leeds"]).fingerprint()


def test_an_earlier_name_is_accepted() -> None:
    saved = OtherLetters().fit(["york"]).fingerprint()
    assert NewLetters().fit(["york"]).fingerprint() == saved, "so runs stay comparable, too"
    assert NewLetters().fit(["york"]).has_fingerprint(saved)
    assert AfterNewLetters().fit(["york"]).has_fingerprint(saved)
    assert (
        AfterNewLetters()
        .fit(["york"])
        .has_fingerprint(OnlyNewLetters().fit(["york"]).fingerprint())
    )
    assert not Letters().fit(["york"]).has_fingerprint(saved)
    assert not NewLetters().fit(["leeds"]).has_fingerprint(saved)


def fingerprint_of_class(encoder: Encoder[str], module: str) -> str:
    """The fingerprint before names were declared."""
    saved = json.dumps(encoder.to_json(), sort_keys=True)
    name = f"{module}.{type(encoder).__qualname__}"
    return hashlib.sha256(f"{name}\n{saved}".encode()).hexdigest()[:16]


@pytest.mark.parametrize("module", ["test_encoder_names", "_seqgen_file_"])
def test_models_saved_before_names_were_declared_open(module: str) -> None:
    encoder = Letters().fit(["york"])
    assert encoder.has_fingerprint(fingerprint_of_class(encoder, module))
    assert not encoder.has_fingerprint(fingerprint_of_class(encoder, "elsewhere"))


def test_the_names_of_shipped_encoders_never_change() -> None:
    for name in ("dinos", "jazz"):
        loaded = load_domain(name)
        assert loaded.domain.model is not None
        saved = read_manifest(loaded.domain.model)["encoder_fingerprint"]
        assert load_model(loaded.domain.model, loaded).encoder.fingerprint() == saved


@pytest.mark.parametrize(
    ("old", "new"),
    [("Letters", "Letters"), ("Letters", "RenamedLetters")],
    ids=["moved", "renamed"],
)
def test_a_model_of_a_file_opens_with_the_package_that_replaces_it(
    install: Install, tmp_path: Path, old: str, new: str
) -> None:
    (tmp_path / "letters.py").write_text(FILE)
    loaded = load_domain(str(tmp_path / "letters.py"))
    items = ["york", "leeds", "hull", "selby"]
    path = tmp_path / "model.safetensors"
    save_model(path, model_by_hand(loaded, items))
    install(FILE.replace(old, new), name="letters", distribution="seqgen-letters")
    package = load_domain("letters")
    assert load_model(path, package).encoder.decode([0]) == "b"
    (tmp_path / "letters.py").write_text(FILE.replace('"letters"\n', '"another"\n'))
    with pytest.raises(ModelFileError, match="encodes differently"):
        load_model(path, load_domain(str(tmp_path / "letters.py")))

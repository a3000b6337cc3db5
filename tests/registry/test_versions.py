"""Deprecations: seen by the plugin's author, at the author's line, and gone when they said."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

import seqgen
from seqgen.registry import versions as api
from seqgen.registry import versions as deprecations
from seqgen.registry.registry import load_domain
from seqgen.registry.versions import Deprecation, SeqgenDeprecation, every, overdue

from ..conftest import Install, Run
from ..helpers.plugin_code import GOOD, WHO, refusal

ROOT = Path(__file__).parents[2]
OLD = Deprecation("seqgen.LetterEncoder", "seqgen.CharEncoder", since="0.3", gone="0.5")
FIRST = Deprecation("plugin API 1", "plugin API 2", since="0.4", gone="0.6")


def test_no_entry_has_outlived_its_date() -> None:
    assert overdue([OLD], "0.4.9") == []
    assert overdue([OLD], "0.5.0") == overdue([OLD], "1.0") == [OLD]
    assert overdue(every(), seqgen.__version__) == [], "take them out, with what they are about"


def test_a_renamed_name_still_works_and_warns_at_the_line_that_uses_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deprecations, "NAMES", {"LetterEncoder": ("CharEncoder", OLD)})
    assert every() == [OLD]
    told = re.escape(
        "seqgen.LetterEncoder is deprecated since seqgen 0.3 and gone in 0.5: "
        "use seqgen.CharEncoder (docs/explanation/plugin-api.md)"
    )
    with pytest.warns(SeqgenDeprecation, match=told) as caught:
        assert seqgen.LetterEncoder is seqgen.CharEncoder
    assert caught[0].filename == __file__
    assert "LetterEncoder" not in dir(seqgen), "nobody is led to it"


def test_python_shows_it_without_being_asked(python: Run) -> None:
    code = (
        "from seqgen import deprecations as d\n"
        "d.warn(d.Deprecation('seqgen.Old', 'seqgen.New', '0.3', '0.5'))"
    )
    answer = python("-c", f"def plugin():\n    exec({code!r})\nplugin()", PYTHONWARNINGS="")
    assert answer.code == 0 and "SeqgenDeprecation: seqgen.Old is deprecated" in answer.err


def test_an_older_api_is_served_with_a_warning_until_it_is_refused(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(GOOD.format(name="birds"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_domain("birds").domain.api == 1
    monkeypatch.setattr(api, "API_VERSION", 2)
    monkeypatch.setattr(deprecations, "APIS", {1: FIRST})
    with pytest.warns(SeqgenDeprecation, match=re.escape(f"{WHO}: plugin API 1 is deprecated")):
        assert load_domain("birds").domain.name == "birds"
    monkeypatch.setattr(api, "OLDEST_API", 2)
    assert "is written for plugin API 1, and this seqgen speaks 2" in refusal("birds")


def test_every_older_api_that_is_served_warns() -> None:
    assert 1 <= api.OLDEST_API <= api.API_VERSION == seqgen.API_VERSION
    assert set(deprecations.APIS) == set(range(api.OLDEST_API, api.API_VERSION))


def test_messages_of_deprecation_stand_in_one_module() -> None:
    for path in (ROOT / "seqgen").rglob("*.py"):
        if path.name != "deprecations.py":
            assert "is deprecated" not in path.read_text(encoding="utf-8"), path
    assert (ROOT / deprecations.PAGE).is_file()

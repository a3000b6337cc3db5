"""The registry lists plugins from their metadata and loads one by name."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from seqgen.registry.installed_plugins import installed_plugins, load_domain

from ..conftest import Install, Run
from ..helpers.plugin_code import GOOD, WHO, refusal


def test_a_plugin_is_listed_from_its_metadata_without_importing_it(install: Install) -> None:
    install("raise SystemExit('imported')")
    (plugin,) = installed_plugins()["birds"]
    assert (plugin.name, plugin.summary, plugin.version) == ("birds", "Feathers", "1.5")
    assert (plugin.distribution, plugin.module) == ("seqgen-birds", "fake_seqgen_birds")
    assert "fake_seqgen_birds" not in sys.modules
    assert list(installed_plugins()) == sorted(installed_plugins())


def test_a_plugin_is_loaded_by_name(install: Install) -> None:
    install(GOOD.format(name="birds"))
    loaded = load_domain("birds")
    assert loaded.domain.summary == "Birds"
    assert (loaded.distribution, loaded.version) == ("seqgen-birds", "1.5")


def test_a_similar_name_is_suggested(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(GOOD.format(name="birds"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cocktails.py").write_text("")
    assert " Did you mean birds?" in refusal("bird")
    assert " Did you mean ./cocktails.py?" in refusal("cocktail")
    assert " cocktails.py is in this folder: seqgen run ./cocktails.py." in refusal("cocktails")
    assert "Did you mean" not in refusal("zzz")


def test_no_other_plugin_is_imported(install: Install) -> None:
    install(GOOD.format(name="birds"))
    install("raise RuntimeError", "fish", "seqgen-fish")
    load_domain("birds")
    assert "fake_seqgen_fish" not in sys.modules


def test_an_error_on_import_names_the_line_of_the_plugin(install: Install) -> None:
    install("import json\n\n\njson.loads('{')\n")
    assert "(fake_seqgen_birds.py, line 4)" in refusal("birds")


def test_seqgen_raise_shows_the_traceback(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("1 / 0")
    assert "SEQGEN_RAISE=1 shows the traceback" in refusal("birds")
    monkeypatch.setenv("SEQGEN_RAISE", "1")
    with pytest.raises(ZeroDivisionError):
        load_domain("birds")


def test_two_distributions_of_one_name_are_refused(install: Install, seqgen: Run) -> None:
    install(GOOD.format(name="birds"))
    install(GOOD.format(name="birds"), distribution="other-birds", version="0.2")
    message = refusal("birds")
    assert "'birds' is claimed by" in message
    assert "seqgen-birds 1.5" in message and "other-birds 0.2" in message
    answer = seqgen("plugins")
    assert answer.code == 0
    for who in ("seqgen-birds 1.5", "other-birds 0.2"):  # each on a line that names both
        assert any(
            line.startswith("birds") and message in line and line.endswith(f"({who})")
            for line in answer.out.splitlines()
        )


def test_a_distribution_that_is_found_twice_is_no_clash(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = install(GOOD.format(name="birds"))
    again = shutil.copytree(module.parent, module.parent.parent / "again")
    monkeypatch.syspath_prepend(str(again))
    assert load_domain("birds").domain.name == "birds"


def test_the_error_for_an_unknown_name_lists_the_known_ones(install: Install) -> None:
    install(GOOD.format(name="birds"))
    message = refusal("brids")
    assert "no domain 'brids'; installed: birds, dinos" in message and ".py file" in message


def test_a_broken_plugin_does_not_break_others(install: Install, seqgen: Run) -> None:
    install("raise RuntimeError('broken wing')")
    assert load_domain("dinos").domain.name == "dinos"
    assert "BROKEN" not in seqgen("plugins").out and "BROKEN" in seqgen("plugins", "-v").out
    assert seqgen("run", "dinos", "--help").code == 0
    answer = seqgen("run", "birds")
    assert answer.code == 1 and answer.out == ""
    assert answer.err.startswith(f"Error: {WHO} failed to load: RuntimeError: broken wing")
    assert answer.err.count("\n") == 1


def test_inspect_ignores_a_broken_plugin(install: Install, seqgen: Run, tmp_path: Path) -> None:
    install("raise RuntimeError('broken wing')")
    (tmp_path / "names.txt").write_text("minmi\nzuul\n")
    assert "as dinos: 2 items" in seqgen("inspect", tmp_path / "names.txt").out

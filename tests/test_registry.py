"""The registry: plugins from metadata, one loaded by name, and a broken one breaks only itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seqgen.domains.registry import installed_plugins, load_domain
from seqgen.errors import PluginError

from .conftest import Run

GOOD = """
import seqgen

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name={name!r}, summary="Birds", corpus=lambda source: ["a"], encoder=seqgen.CharEncoder
    )
"""
Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a tiny distribution whose one module holds the given code."""
    before = set(sys.modules)

    def make(
        code: str, name: str = "birds", distribution: str = "seqgen-birds", version: str = "1.5"
    ) -> Path:
        folder = tmp_path / distribution
        module = f"fake_{distribution.replace('-', '_')}"
        about = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        about.mkdir(parents=True)
        (folder / f"{module}.py").write_text(code)
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\nSummary: Feathers\n"
        )
        (about / "entry_points.txt").write_text(f"[seqgen]\n{name} = {module}\n")
        monkeypatch.syspath_prepend(str(folder))
        return folder / f"{module}.py"

    yield make
    for name in set(sys.modules) - before:
        if name.startswith("fake_"):
            del sys.modules[name]


def refusal(name: str) -> str:
    """The one line that loading a domain ends with."""
    with pytest.raises(PluginError) as error:
        load_domain(name)
    message = str(error.value)
    assert "\n" not in message
    return message


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


def test_no_other_plugin_is_imported(install: Install) -> None:
    install(GOOD.format(name="birds"))
    install("raise RuntimeError", "fish", "seqgen-fish")
    load_domain("birds")
    assert "fake_seqgen_fish" not in sys.modules


WHO = "plugin 'birds' (seqgen-birds 1.5)"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import seqgen\n\n1 / 0", "failed to load: ZeroDivisionError: division by zero"),
        ("import no_such_module_at_all", "ModuleNotFoundError: No module named"),
        ("import sys; sys.exit('bye')", "failed to load: SystemExit: bye"),
        ("def f(:\n", "failed to load: SyntaxError"),
        (
            GOOD.format(name="birds").replace("seqgen_domain()", "seqgen_domian()"),
            "failed to load: PluginValidationError: unknown hook 'seqgen_domian'",
        ),
        ("x = 1", "has no hook: mark a function seqgen_domain() with @seqgen.hookimpl"),
        (GOOD.format(name="birds").replace("@seqgen.hookimpl", ""), "has no hook"),
        (
            "import seqgen\n@seqgen.hookimpl\ndef seqgen_domain():\n    return {'name': 'birds'}",
            "must give a seqgen.Domain, was {'name': 'birds'}",
        ),
        (
            "import seqgen\n@seqgen.hookimpl\ndef seqgen_domain():\n    raise KeyError('wing')",
            "failed in seqgen_domain(): KeyError: 'wing'",
        ),
        (
            "import seqgen\n@seqgen.hookimpl\ndef seqgen_domain():\n    return seqgen.Domain()",
            "failed in seqgen_domain(): TypeError",
        ),
        (GOOD.format(name="fish"), "gives a domain named 'fish'; its entry point must have that"),
        (GOOD.format(name="Birds"), "a domain name is lower-case letters, digits, - and _"),
        (GOOD.format(name="1st"), "was '1st'"),
        (GOOD.format(name="bir ds"), "was 'bir ds'"),
        (GOOD.format(name="birds\n"), "was 'birds\\n'"),
        (GOOD.format(name=""), "was ''"),
        (GOOD.format(name=3), "Domain.name must be a str, was 3"),
        (GOOD.format(name="birds").replace("seqgen.CharEncoder", "None"), "Domain.encoder must be"),
        (GOOD.format(name="birds").replace("summary=", "guide=7, summary="), "guide must be call"),
        (
            GOOD.format(name="birds").replace("summary=", "prompt_options=dict, summary="),
            "Domain.prompt_options must be a frozen dataclass",
        ),
        (
            GOOD.format(name="birds").replace("summary=", "suffixes='.txt', summary="),
            "Domain.suffixes must be a tuple",
        ),
        (
            GOOD.format(name="birds").replace("summary=", "presets=['units'], summary="),
            "Domain.presets must be a Mapping",
        ),
    ],
)
def test_a_broken_plugin_is_named_with_the_cause(install: Install, code: str, words: str) -> None:
    install(code)
    message = refusal("birds")
    assert message.startswith(WHO) and words in message


def test_an_error_on_import_names_the_line_of_the_plugin(install: Install) -> None:
    install("import json\n\n\njson.loads('{')\n")
    assert "(fake_seqgen_birds.py, line 4)" in refusal("birds")


def test_the_traceback_is_shown_on_demand(
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
    assert answer.out.count("birds  ") >= 2 and "birds: claimed by 2 distributions" in answer.err


def test_a_distribution_that_is_seen_twice_is_no_clash(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = install(GOOD.format(name="birds"))
    again = shutil.copytree(module.parent, module.parent.parent / "again")
    monkeypatch.syspath_prepend(str(again))
    assert load_domain("birds").domain.name == "birds"


def test_an_unknown_name_is_told_with_the_known_ones(install: Install) -> None:
    install(GOOD.format(name="birds"))
    message = refusal("brids")
    assert "no domain 'brids'; installed: birds, dinos" in message and ".py file" in message


def test_a_broken_plugin_does_not_break_others(install: Install, seqgen: Run) -> None:
    install("raise RuntimeError('broken wing')")
    assert load_domain("dinos").domain.name == "dinos"
    assert "birds" in seqgen("plugins").out
    assert seqgen("run", "dinos", "--help").code == 0
    answer = seqgen("run", "birds")
    assert answer.code == 1 and answer.out == ""
    assert answer.err.startswith(f"Error: {WHO} failed to load: RuntimeError: broken wing")
    assert answer.err.count("\n") == 1


def test_inspect_goes_on_without_a_broken_plugin(
    install: Install, seqgen: Run, tmp_path: Path
) -> None:
    install("raise RuntimeError('broken wing')")
    (tmp_path / "names.txt").write_text("minmi\nzuul\n")
    assert "as dinos: 2 items" in seqgen("inspect", tmp_path / "names.txt").out

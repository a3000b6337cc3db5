"""Law 7: a broken, slow or hanging plugin breaks its own command, and nothing else."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from seqgen.registry import check_plugins as checking
from seqgen.registry.installed_plugins import installed_plugins, load_domain

from ..conftest import Install, Run
from ..helpers.plugin_code import GOOD

WORKS = GOOD.format(name="birds")
#: What a plugin can do to its host, and the error that is reported.
HARM = {
    "raises": ("raise RuntimeError('wing')", "failed to load: RuntimeError: wing (fake_"),
    "exits": ("import sys; sys.exit()", "failed to load: SystemExit"),
    "dies": ("import os; os._exit(0)", "ended the process that loaded it (exit code 0)"),
    "kills": (
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "ended the process that loaded it (exit code",
    ),
    "lacks": ("import no_such_thing", "No module named 'no_such_thing'"),
    "is no Python": ("def f(:", "SyntaxError: invalid syntax (fake_seqgen_birds.py, line 1)"),
    "unknown hook": (WORKS.replace("seqgen_domain", "seqgen_domian"), "unknown hook"),
    "other API": (WORKS.replace("summary=", "api=9, summary="), "written for plugin API 9"),
    "wrong type": (WORKS.replace("summary=", "text=1, summary="), "Domain.text must be"),
    "other name": (WORKS.replace("'birds'", "'fish'"), "returns a domain named 'fish'"),
}


def listed(seqgen: Run) -> dict[str, dict[str, Any]]:
    """The output of ``seqgen plugins --verbose --json`` by name."""
    answer = seqgen("plugins", "--verbose", "--json")
    assert answer.code == 0, answer.err
    return {entry["name"]: entry for entry in json.loads(answer.out)}


@pytest.mark.parametrize("case", HARM)
def test_a_broken_plugin_breaks_no_other(
    case: str, install: Install, seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, reason = HARM[case]
    install(code)
    monkeypatch.setenv("SEQGEN_PLUGINS", "birds,dinos")
    found = listed(seqgen)
    birds = found["birds"]
    assert not birds["works"] and reason in birds["broken"]
    assert birds["broken"].startswith("plugin 'birds' (seqgen-birds 1.5)")
    assert (birds["distribution"], birds["version"]) == ("seqgen-birds", "1.5")
    assert found["dinos"]["works"]
    assert load_domain("dinos").domain.name == "dinos"
    assert "fake_seqgen_birds" not in sys.modules


def test_the_line_of_a_hanging_plugin_is_reported(
    install: Install, seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("import time\n\ntime.sleep(600)\n")
    monkeypatch.setattr(checking, "LIMIT", 1.0)
    monkeypatch.setenv("SEQGEN_PLUGINS", "birds,dinos")
    found = listed(seqgen)
    assert found["birds"]["broken"] == (
        "plugin 'birds' (seqgen-birds 1.5) did not load within 1 s (fake_seqgen_birds.py, line 3)"
    )
    assert found["dinos"]["works"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")
def test_processes_of_a_plugin_end_with_its_check(install: Install, tmp_path: Path) -> None:
    noted = tmp_path / "child"
    install(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(noted)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    only = {"birds": installed_plugins()["birds"]}
    (found,) = checking.check_plugins(only, limit=2.0)
    assert "did not load within 2 s" in found.error
    for _ in range(100):
        if not _runs(int(noted.read_text())):
            return
        time.sleep(0.1)
    raise AssertionError("what the plugin started still runs")


def _runs(process: int) -> bool:
    """Whether a process is there and no zombie."""
    state = Path(f"/proc/{process}/stat")
    if state.exists():
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").exists()


LOUD = "import os, sys\nprint('hello')\nsys.stdout.flush()\nos.write(1, b'deep')\n" + WORKS


def test_stdout_contains_only_results(
    install: Install, seqgen: Run, python: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(LOUD).parent
    found = listed(seqgen)["birds"]
    assert found["works"]
    (note,) = found["notes"]
    assert "writes to stdout when it is imported ('hello" in note and "stderr" in note
    assert "seqgen-birds 1.5" in seqgen("plugins", "--verbose").err

    monkeypatch.setenv("PYTHONPATH", str(folder))
    code = "from seqgen.cli.main import main; main(['run', 'birds', '--epochs', '0', '--json'])"
    answer = python("-c", code)
    assert answer.out == "", "errors and the output of the plugin are on stderr"
    assert "hello" in answer.err and "deep" in answer.err and "epochs must be" in answer.err
    code = "print(1)\nimport seqgen.registry.installed_plugins as r\nr.load_domain('birds')\n"
    answer = python("-c", f"{code}print(2, flush=True)\nimport os\nos.write(1, b'3')")
    assert (answer.code, answer.out) == (0, "1\n2\n3"), "stdout is restored afterwards"


def test_the_output_of_a_domain_is_in_no_result(
    install: Install, seqgen: Run, tmp_path: Path
) -> None:
    install(WORKS.replace("options: [", "options: print('reading') or ["))
    data = tmp_path / "data.txt"
    data.write_text("a")
    answer = seqgen("inspect", data, "--domain", "birds", "--json")
    assert answer.code == 0 and json.loads(answer.out)["data_card"]["items"] == 1
    assert "reading" in answer.err
    assert "reading" in seqgen("inspect", data, "--domain", "birds").out, (
        "without --json it is shown"
    )


def test_a_slow_import_is_reported(
    install: Install, seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqgen.registry.load_plugin.PATIENCE", 0.05)
    install("import time\ntime.sleep(0.5)\n" + WORKS)
    answer = seqgen("run", "birds", "--help")
    assert answer.code == 0
    assert answer.err == (
        "still loading plugin 'birds' (seqgen-birds 1.5) after 0.05 s; press Ctrl-C to stop\n"
    )


def test_only_allowed_plugins_are_loaded(
    install: Install, seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("raise RuntimeError('wing')")
    monkeypatch.setenv("SEQGEN_PLUGINS", " dinos , mice")
    assert list(listed(seqgen)) == ["dinos"]
    answer = seqgen("plugins")
    assert "hidden by SEQGEN_PLUGINS: birds, jazz" in answer.err
    assert "SEQGEN_PLUGINS names domains that are not installed: mice" in answer.err
    answer = seqgen("run", "birds")
    assert (answer.code, answer.out) == (1, "")
    assert "domain 'birds' is not in SEQGEN_PLUGINS= dinos , mice;" in answer.err
    assert "fake_seqgen_birds" not in sys.modules
    monkeypatch.setenv("SEQGEN_PLUGINS", "")
    assert listed(seqgen) == {}
    assert seqgen("run", "dinos").code == 1


def test_verbose_shows_every_detail(
    install: Install, seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = install(WORKS)
    monkeypatch.setenv("SEQGEN_PLUGINS", "birds")
    shown = seqgen("plugins", "--verbose").out
    for line in (
        "birds  Birds  (seqgen-birds 1.5)",
        "  distribution  seqgen-birds 1.5",
        "  entry point   birds = fake_seqgen_birds",
        f"  file          {path}",
        "  requires      seqgen<0.2,>=0.1",
        "  plugin API    1",
        "  ok            every field of Domain has its type",
    ):
        assert line in shown.splitlines()
    assert shown.startswith("seqgen 0.") and "plugin API 1, Python 3." in shown
    assert "FAILED" not in shown and "loaded in" in shown
    path.write_text(WORKS.replace("summary=", "text=1, summary="))
    shown = seqgen("plugins", "-v").out
    assert "  FAILED        every field of Domain has its type" in shown.splitlines()
    assert f"  file          {path}" in shown.splitlines()


def test_unreadable_metadata_break_no_other_plugin(
    install: Install, seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQGEN_PLUGINS", "birds,seqgen-mice,dinos")
    install(WORKS)
    about = next((install(WORKS, "mice", "seqgen-mice").parent).glob("*.dist-info"))
    (about / "entry_points.txt").write_text("[seqgen]\nno equals sign\n")
    found = listed(seqgen)
    assert found["birds"]["works"] and found["dinos"]["works"]
    assert "its entry_points.txt cannot be read" in found["seqgen-mice"]["broken"]
    (about / "entry_points.txt").write_bytes(b"[seqgen]\n\xff = x\n")
    assert list(listed(seqgen)) == ["birds", "dinos"]
    (about / "entry_points.txt").write_text("[seqgen]\nmice = 1 + 1\n")
    monkeypatch.setenv("SEQGEN_PLUGINS", "birds,mice,dinos")
    found = listed(seqgen)
    assert found["birds"]["works"] and not found["mice"]["works"]
    assert found["mice"]["broken"].startswith("plugin 'mice' (seqgen-mice 1.5) failed to load: ")


def test_metadata_contain_no_control_characters(install: Install, seqgen: Run) -> None:
    about = next(install(WORKS).parent.glob("*.dist-info"))
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: seqgen-birds\nVersion: 1.5\nSummary: \x1b[2JFeathers\n"
    )
    (about / "entry_points.txt").write_text(
        "[seqgen]\nbirds = fake_seqgen_birds\n\x1b[31mb = fake_seqgen_birds\n"
    )
    answer = seqgen("plugins", "-v")
    assert answer.code == 0 and "\x1b" not in answer.out + answer.err
    assert "\x1b" not in seqgen("plugins").out
    assert "  ?[2JFeathers  (seqgen-birds 1.5)\n" in seqgen("plugins").out
    assert "BROKEN: plugin '?[31mb' (seqgen-birds 1.5): the name of its entry point" in answer.out


def test_the_current_folder_is_not_imported_from(
    install: Install, seqgen: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(WORKS)
    (tmp_path / "json.py").write_text("raise RuntimeError('not the real one')")
    monkeypatch.chdir(tmp_path)
    assert listed(seqgen)["birds"]["works"]

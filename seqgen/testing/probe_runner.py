"""Probes: the same domain in two fresh processes with other hash seeds, and what each told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from seqgen.testing.check import CheckFailed
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.subprocess_probe import OUT

#: Sets and dicts of text are walked in another order under each of them.
HASH_SEEDS = ("1", "4711")
#: A probe that takes longer hangs.
SECONDS = 120
PROBE = Path(__file__).with_name("subprocess_probe.py")
#: What each step needs, and the checks that tell of its errors.
NEEDS = {
    "modules": "load",
    "bad_data": "load",
    "corpus": "load",
    "fit": "corpus",
    "write": "corpus",
}
TELLERS = {
    "load": ("domain_fields",),
    "corpus": ("corpus",),
    "fit": ("fit", "json"),
    "write": ("write_paths",),
}


@final
@dataclass(frozen=True)
class Probe:
    """What one process told.

    Args:
        steps: By step: ``{"value": ...}`` or ``{"error": ...}``.
        files: What write() wrote, by path within its folder.
    """

    steps: dict[str, Any]
    files: dict[str, bytes]

    def told(self, subject: Subject, step: str) -> Any:
        """What a step gave.

        Raises:
            NotApplicable: It, or one that it needs, ended in an error that another check tells.
            CheckFailed: It ended in an error.
        """
        if step in NEEDS:
            self.told(subject, NEEDS[step])
        return subject.unless_broken(lambda: self._value(step), *TELLERS.get(step, ()))

    def _value(self, step: str) -> Any:
        answer = self.steps[step]
        if "error" in answer:
            raise CheckFailed(
                f"in a fresh process: {answer['error']}",
                change="find the line named above and mend it; a plugin's own files lie at "
                "Path(__file__).parent, whatever the current folder is",
            )
        return answer["value"]


def probes(subject: Subject) -> tuple[Probe, ...]:
    """Two probes of a domain, made once."""
    found = subject.kept.get("probes")
    if found is None:
        with ExitStack() as stack:
            running = [stack.enter_context(_started(subject.target, seed)) for seed in HASH_SEEDS]
            found = subject.kept["probes"] = tuple(_finished(*each) for each in running)
    return tuple(found)


@contextmanager
def _started(target: str, seed: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        base = Path(name).resolve()
        for part in ("home", "here", "temporary", "folder"):
            (base / part).mkdir()
        file = str(Path(target).resolve()) if target.endswith(".py") else target
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "seqgen.testing.subprocess_probe",
                file,
                base / "folder",
                base / "told",
            ],
            cwd=base / "here",
            env=_environment(base, seed),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process, base
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _environment(base: Path, seed: str) -> dict[str, str]:
    home, temporary = str(base / "home"), str(base / "temporary")
    return {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry),
        "HOME": home,
        "USERPROFILE": home,
        "XDG_CACHE_HOME": str(base / "home" / ".cache"),
        "TMPDIR": temporary,
        "TEMP": temporary,
        "TMP": temporary,
    }


def _finished(process: subprocess.Popen[str], base: Path) -> Probe:
    try:
        _, errors = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise CheckFailed(
            f"a process that loads the domain, fits its encoder and writes a few items was not "
            f"done after {SECONDS} seconds",
            change="do less while the module is imported",
        ) from None
    if not (base / "told").exists():
        last = errors.strip().splitlines()[-1:] or ["nothing on stderr"]
        raise CheckFailed(
            f"a process that loads the domain ended with exit code {process.returncode}: {last[0]}",
            change="leave the process alone: end it nowhere, and raise a SeqgenError instead",
        )
    steps = json.loads((base / "told").read_text(encoding="utf-8"))
    out = base / "folder" / OUT
    written = sorted(path for path in out.rglob("*") if path.is_file())
    return Probe(steps, {path.relative_to(out).as_posix(): path.read_bytes() for path in written})

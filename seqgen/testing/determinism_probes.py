"""Probes: the same domain in two new processes with different hash seeds."""

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

from seqgen.testing.determinism_probe_child import OUT
from seqgen.testing.domain_under_test import DomainUnderTest
from seqgen.testing.failures import CheckFailed

#: Sets of text have another order under each of them.
HASH_SEEDS = ("1", "4711")
#: The maximum duration of a probe in seconds.
TIMEOUT = 120
#: The step that each step needs.
NEEDS = {
    **dict.fromkeys(("modules", "bad_data", "corpus"), "load"),
    **dict.fromkeys(("fit", "write"), "corpus"),
}
#: The checks that report the errors of a step.
REPORTED_BY = {
    "load": ("domain_fields",),
    "corpus": ("corpus",),
    "fit": ("fit", "json"),
    "write": ("write_paths",),
}


@final
@dataclass(frozen=True)
class Probe:
    """The results of one process.

    Args:
        steps: By step: ``{"value": ...}`` or ``{"error": ...}``.
        files: The files that write() wrote, by path within its folder.
    """

    steps: dict[str, Any]
    files: dict[str, bytes]

    def value(self, domain: DomainUnderTest, step: str) -> Any:
        """Return the value of a step.

        Raises:
            NotApplicable: It, or a step that it needs, raised an error that another check reports.
            CheckFailed: It raised an error.
        """
        if step in NEEDS:
            self.value(domain, NEEDS[step])
        with domain.skip_if_fails(*REPORTED_BY.get(step, ())):
            if "error" in self.steps[step]:
                raise CheckFailed(
                    f"in a new process: {self.steps[step]['error']}",
                    "fix the line named above; find the plugin's own files with "
                    "Path(__file__).parent, not in the current folder",
                )
        return self.steps[step]["value"]


def run_probes(domain: DomainUnderTest) -> tuple[Probe, ...]:
    """Run two probes of a domain, once."""
    if "probes" not in domain.cache:
        with ExitStack() as stack:
            running = [stack.enter_context(_start(domain.target, seed)) for seed in HASH_SEEDS]
            domain.cache["probes"] = tuple(_finish(*each) for each in running)
    probes: tuple[Probe, ...] = domain.cache["probes"]
    return probes


@contextmanager
def _start(target: str, seed: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start a probe in a new folder, with home, temporary and current folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        base = Path(name).resolve()
        home, temporary = base / "home", base / "temporary"
        for folder in (home, temporary, base / "current", base / "folder"):
            folder.mkdir()
        paths = (str(Path(entry).resolve()) for entry in sys.path if entry)
        environment = {
            "PYTHONHASHSEED": seed,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(paths),
            "XDG_CACHE_HOME": str(home / ".cache"),
            **dict.fromkeys(("HOME", "USERPROFILE"), str(home)),
            **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        }
        domain = str(Path(target).resolve()) if target.endswith(".py") else target
        module = "seqgen.testing.determinism_probe_child"
        process = subprocess.Popen(
            [sys.executable, "-m", module, domain, base / "folder", base / "result"],
            cwd=base / "current",
            env=os.environ | environment,
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


def _finish(process: subprocess.Popen[str], base: Path) -> Probe:
    """Wait for a probe and read its results."""
    try:
        _, errors = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise CheckFailed(
            "a process that loads the domain, fits its encoder and writes a few items takes more "
            f"than {TIMEOUT} seconds",
            "do less while the module is imported",
        ) from None
    if not (base / "result").exists():
        message = (errors.strip().splitlines() or ["nothing on stderr"])[-1]
        raise CheckFailed(
            f"a process that loads the domain ended with exit code {process.returncode}: {message}",
            "do not end the process; raise a SeqgenError instead",
        )
    out = base / "folder" / OUT
    written = sorted(path for path in out.rglob("*") if path.is_file())
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in written}
    return Probe(json.loads((base / "result").read_text(encoding="utf-8")), files)

"""``import seqgen`` works in the folder that contains a clone, whether it is installed or not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = """
import sys
import seqgen
import seqgen.domains.encoder
from importlib.resources import files
from seqgen.domains import guide
assert seqgen.Encoder is seqgen.domains.encoder.Encoder, seqgen.__path__
assert sys.modules["seqgen"] is seqgen and (files("seqgen") / "py.typed").is_file()
print(seqgen.__spec__.origin)
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder as ``git clone`` makes it, with what an import needs."""
    root = tmp_path / "seqgen"
    root.mkdir()
    shutil.copy(ROOT / "__init__.py", root)
    shutil.copytree(ROOT / "seqgen", root / "seqgen", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.parametrize("isolation", [(), ("-S",)], ids=["installed", "not installed"])
@pytest.mark.parametrize("folder", [".", "seqgen", "seqgen/seqgen"])
def test_the_package_is_imported(clone: Path, isolation: tuple[str, ...], folder: str) -> None:
    if folder == "seqgen/seqgen" and isolation:
        pytest.skip("the package itself is not on the path")
    cwd = clone.parent / folder
    done = subprocess.run(
        [sys.executable, *isolation, "-c", CODE],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).parts[-2:] == ("seqgen", "__init__.py")
    if folder != "seqgen/seqgen":
        assert Path(done.stdout.strip()) == clone / "seqgen" / "__init__.py"

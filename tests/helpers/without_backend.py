"""Checks of an environment without Keras: all but training works; training says what to install.

``tests.helpers.wheels`` runs them before it installs TensorFlow.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from tests.test_lightness import COMMAND, PROBE

if TYPE_CHECKING:
    from tests.helpers.wheels import Environment

#: The most that an environment may contain besides pip and setuptools, in MB.
LARGEST_CORE, LARGEST_WITH_PLUGINS = 130, 380
#: What training needs; nothing that the environment contains may bring it.
TRAINING = ("keras", "tensorflow", "jax", "torch")
INSTALL = 'pip install "seqgen[tensorflow]"'
PYTHON = """
import seqgen

names, solos = seqgen.load("dinos"), seqgen.load("jazz")
items = names.generate(20, starts_with="tri", seed=3)
assert all(item.text.startswith("Tri") for item in items), items
assert len(names.score(items)) == 20
print(names.evaluate([item.item for item in items]))
take, = solos.generate(1)
solos.write([take], "from-python")
solos.report("jazz.html", count=4)
for domain in ("dinos", "jazz"):
    try:
        seqgen.train(domain, progress=False)
    except seqgen.SeqgenError as error:
        assert 'pip install "seqgen[tensorflow]"' in str(error), error
    else:
        raise AssertionError(f"{domain} was trained")
"""


def check_size(environment: Environment, largest: int) -> None:
    """Print the size of the environment without pip and setuptools, and compare it with a bound."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(environment.output("python", "-c", code).strip())
    tools = ("pip", "setuptools", "pkg_resources", "_distutils_hack")
    size = sum(
        file.lstat().st_size
        for folder in packages.iterdir()
        if not folder.name.startswith(tools)
        for file in ([folder] if folder.is_file() else folder.rglob("*"))
    )
    print(f"{size / 1e6:.0f} MB without a backend, of at most {largest} MB", flush=True)
    assert size <= largest * 1e6, "a dependency became larger, or one was added"


def check_without_backend(environment: Environment) -> None:
    """The shipped models generate, score, evaluate and report; training says what to install."""
    found = f"from importlib.util import find_spec; print(*filter(find_spec, {TRAINING}))"
    assert not environment.output("python", "-c", found).split(), "training could work"
    _check_commands(environment)
    environment.run("python", "-c", textwrap.dedent(PYTHON))
    _check_light(environment)
    for command in ("run", "train"):
        message = environment.error("seqgen", command, "dinos")
        assert INSTALL in message, message
        assert "Traceback" not in message, message
    assert not (environment.work / "runs" / "dinos" / "default").exists(), "a run was begun"


def _check_commands(environment: Environment) -> None:
    lines = environment.output("seqgen", "generate", "dinos", "-n", "3", "--json").splitlines()
    assert len(lines) == 3, lines
    environment.run("seqgen", "generate", "jazz", "-n", "1", "--out", "takes")
    environment.run("seqgen", "replay", "takes/solo-001.mid")
    environment.run("seqgen", "scorecard", "takes/solo-001.mid")
    environment.run("seqgen", "run", "jazz", "--generate", "-n", "1")
    names = environment.work / "names.txt"
    names.write_text("aardonyx\ntriceratops\nzuul\n", encoding="utf-8")
    answer = environment.output("seqgen", "evaluate", "dinos", "--data", names, "--json")
    assert json.loads(answer), answer
    environment.run("seqgen", "score", "dinos", "--text", "triceratops")
    environment.run("seqgen", "inspect", "jazz")
    environment.run("seqgen", "report", "dinos")


def _check_light(environment: Environment) -> None:
    """Help and the list of plugins load not even NumPy."""
    for args in (["--help"], ["run", "dinos", "--help"], ["plugins"]):
        probe = PROBE.format(code=COMMAND.format(args=args))
        loaded = environment.output("python", "-c", f"{probe}\nprint(*sys.modules)").split()
        assert "numpy" not in loaded, f"seqgen {' '.join(args)} loads NumPy"

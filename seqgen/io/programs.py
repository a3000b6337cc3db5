"""Programs: running what is not Python, with every failure told as an error of the user's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from seqgen.errors import SeqgenError

#: No program may take longer, in seconds.
LONGEST = 300


def run_program(*command: str | Path, makes: Path, install: str) -> Path:
    """Run an installed program that makes a file.

    It is asked to write no time of day into that file, by the variable SOURCE_DATE_EPOCH
    (reproducible-builds.org), which TeX, LilyPond and Ghostscript keep to.

    Args:
        command: Its path, or its name, which is looked up on PATH, and its arguments.
        makes: The file that must be there afterwards; its folder is where the program runs.
        install: What to install where the program is missing ("LilyPond, lilypond.org").

    Returns:
        ``makes``.

    Raises:
        SeqgenError: The program is missing, fails, takes more than five minutes, or leaves
            no such file. The message has the end of what it said.
    """
    path, *arguments = map(str, command)
    name = Path(path).name
    if (program := shutil.which(path)) is None:
        raise SeqgenError(f"{name} is not installed; install {install}")
    try:
        done = subprocess.run(
            [program, *arguments],
            cwd=makes.parent,
            env={"SOURCE_DATE_EPOCH": "0", **os.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SeqgenError(f"{name} was stopped: it took more than {LONGEST} seconds") from None
    except OSError as error:
        raise SeqgenError(f"{name} cannot be run ({error.strerror}): {program}") from None
    if done.returncode or not makes.is_file():
        what = f"failed with {done.returncode}" if done.returncode else f"made no {makes.name}"
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise SeqgenError(f"{name} {what}: {said[-300:] or 'it said nothing'}")
    return makes

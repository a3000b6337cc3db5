"""Run external programs and turn their failures into errors for the user."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from seqgen.errors import SeqgenError

#: The time limit of a program in seconds.
TIME_LIMIT = 300


def run_program(*command: str | Path, makes: Path, install: str) -> Path:
    """Run an installed program that creates a file.

    The variable SOURCE_DATE_EPOCH (reproducible-builds.org) keeps TeX, LilyPond and Ghostscript
    from writing the time into the file.

    Args:
        command: The program's path, or its name, which is searched on PATH, and its arguments.
        makes: The file that the program creates; the program runs in its folder.
        install: What to install if the program is missing ("LilyPond, lilypond.org").

    Returns:
        ``makes``.

    Raises:
        SeqgenError: The program is missing, fails, takes more than five minutes, or does not
            create the file. The message contains the end of the program's output.
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
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SeqgenError(f"{name} was stopped: it took more than {TIME_LIMIT} seconds") from None
    except OSError as error:
        raise SeqgenError(f"{name} cannot be run ({error.strerror}): {program}") from None
    if done.returncode or not makes.is_file():
        what = (
            f"failed with {done.returncode}" if done.returncode else f"did not create {makes.name}"
        )
        output = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise SeqgenError(f"{name} {what}: {output[-300:] or 'no output'}")
    return makes

"""Blame: the last line of a traceback names the domain's own file, where the error is there."""

from __future__ import annotations

import traceback
from pathlib import Path

from seqgen.domains.encoder import FILE_MODULE
from seqgen.registry.registry import installed_plugins


def blame(error: Exception) -> None:
    """Add a note to an error that came out of a domain's own code; leave all others alone.

    A traceback goes through click and seqgen first, and may end in a library that the domain
    called; the line of the domain is lost among them.
    """
    packages = {
        plugin.module.partition(":")[0].partition(".")[0]: name
        for name, plugins in installed_plugins().items()
        for plugin in plugins
    }
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        package, file = module.partition(".")[0], Path(frame.f_code.co_filename)
        if package.startswith(FILE_MODULE):
            found = f"{file}, line {line}: seqgen check {file}"
        elif package in packages:
            found = f"{file}, line {line}: seqgen check {packages[package]}"
    if found:
        error.add_note(
            f"The domain's own code raised this at {found} looks for such errors, and a "
            "seqgen.SeqgenError raised there would be told in one line."
        )

"""A tutorial as steps: the blocks of a page that are marked to be written or run."""

from __future__ import annotations

import re

#: ``<!-- write: NAME -->`` or ``<!-- run -->``, and the block of code below it.
MARKED = re.compile(r"<!-- (write|run)(?:: (\S+))? -->\n```\w*\n(.*?)```", re.DOTALL)


def steps_of(page: str) -> list[tuple[str, str, str]]:
    """What a reader does, in order: ``("write", name, content)`` or ``("run", "", commands)``."""
    steps: list[tuple[str, str, str]] = MARKED.findall(page)
    if any((kind == "write") != bool(name) for kind, name, _ in steps):
        raise ValueError("a block to write has a name, and one to run has none")
    return steps

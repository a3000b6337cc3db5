"""Libraries that only tests need, asked for where they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from seqgen.errors import SeqgenError


def needed(name: str) -> Any:
    """A library that only tests need.

    Raises:
        SeqgenError: It is not installed; the message says how to install it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        library = name.partition(".")[0]
        raise SeqgenError(
            f"seqgen.testing needs {library}, which is not installed: pip install 'seqgen[testing]'"
        ) from error

"""The code of a small plugin, for tests that install it and break it."""

from __future__ import annotations

import pytest

from seqgen.errors import PluginError
from seqgen.registry.installed_plugins import load_domain

GOOD = """
import seqgen

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name={name!r}, summary="Birds",
        corpus=lambda source, options: ["a"], encoder=seqgen.CharEncoder
    )
"""

#: The start of every message about it.
WHO = "plugin 'birds' (seqgen-birds 1.5)"


def refusal(name: str) -> str:
    """The error of loading a domain, one line."""
    with pytest.raises(PluginError) as error:
        load_domain(name)
    message = str(error.value)
    assert "\n" not in message
    return message

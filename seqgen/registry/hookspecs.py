"""The one hook that plugins implement, and the marker they put on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain

#: The entry-point group, and the project name that pluggy knows the hook by.
GROUP = "seqgen"

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec(firstresult=True)
def seqgen_domain() -> Domain:
    """Give the one domain of this plugin.

    Called once, when a command names the plugin. Keep imports of heavy libraries inside
    the functions that need them, so that ``seqgen generate`` stays quick.
    """
    raise AssertionError("a specification, never called")


__all__ = ["GROUP", "hookimpl", "hookspec", "seqgen_domain"]

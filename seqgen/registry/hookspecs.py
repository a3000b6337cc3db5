"""The hook that plugins implement, and its marker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain

#: The group of the entry points, and the name of the hook's project in pluggy.
GROUP = "seqgen"

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec(firstresult=True)
def seqgen_domain() -> Domain:
    """Return the domain of this plugin.

    Called once, when a command names the plugin. Import heavy libraries inside the functions that
    need them, so that ``seqgen generate`` stays fast.
    """
    raise AssertionError("a hook specification is not called")


__all__ = ["GROUP", "hookimpl", "hookspec", "seqgen_domain"]

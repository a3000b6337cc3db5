"""The hooks that plugins implement, and their marker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain

#: The group of the entry points of domains, and the name of the hooks' project in pluggy.
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


@hookspec
def seqgen_cells() -> Sequence[Any]:
    """Return the cells of this plugin, each a ``seqgen.Cell``.

    Called once, when a setting or a model file names a cell of this plugin. Each cell has an entry
    point of its name in the group ``seqgen.cells``, which refers to the module with the hook.
    """
    raise AssertionError("a hook specification is not called")


@hookspec
def seqgen_samplers() -> Sequence[Any]:
    """Return the samplers of this plugin, each a subclass of ``seqgen.Sampler``.

    As ``seqgen_cells``, with entry points in the group ``seqgen.samplers``.
    """
    raise AssertionError("a hook specification is not called")


@hookspec
def seqgen_logits_processors() -> Sequence[Any]:
    """Return the logits processors of this plugin, each a subclass of ``seqgen.LogitsProcessor``.

    As ``seqgen_cells``, with entry points in the group ``seqgen.logits_processors``.
    """
    raise AssertionError("a hook specification is not called")


__all__ = [
    "GROUP",
    "hookimpl",
    "hookspec",
    "seqgen_cells",
    "seqgen_domain",
    "seqgen_logits_processors",
    "seqgen_samplers",
]

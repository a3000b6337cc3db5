"""Components by name: the cells, samplers and logits processors of seqgen and of plugins."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, final

from seqgen.errors import PluginError
from seqgen.registry.installed_plugins import Plugin, installed_plugins
from seqgen.registry.load_plugin import (
    NAME,
    NAME_RULE,
    errors_named,
    import_guard,
    register_plugin,
    shorten,
)

#: The distribution of built-in components.
BUILTIN = "seqgen"


@final
@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of component.

    Args:
        noun: Its name in messages.
        hook: The hook that returns the components of a plugin.
        group: The group of entry points that names them, so that none is imported to be listed.
        builtin: The module of seqgen with the hook that returns the built-in ones.
        fault: What is wrong with a value that the hook returns; empty if nothing is.
    """

    noun: str
    hook: str
    group: str
    builtin: Callable[[], ModuleType]
    fault: Callable[[Any], str]


@final
@dataclass(frozen=True, slots=True)
class Component:
    """A component and its origin, as model files and receipts record it.

    Args:
        value: The component.
        distribution: The distribution that provides it; "seqgen" for a built-in one.
        version: The version of the distribution; empty for a built-in one.
    """

    value: Any
    distribution: str
    version: str

    def to_dict(self) -> dict[str, str]:
        """Name and origin as JSON values."""
        return {
            "name": self.value.name,
            "distribution": self.distribution,
            "version": self.version,
        }


def component_names(kind: Kind) -> list[str]:
    """The names of the built-in components, then of installed ones; no plugin is imported."""
    return list(dict.fromkeys([*builtin_components(kind), *installed_plugins(group=kind.group)]))


@cache
def builtin_components(kind: Kind) -> dict[str, Any]:
    """The components of seqgen itself by name, from the same hook as those of plugins."""
    return _returned(kind, BUILTIN, kind.builtin)


@cache
def find_component(kind: Kind, name: str) -> Component:
    """The component of a name.

    Raises:
        PluginError: There is none, two distributions claim its name, or its plugin cannot be
            imported or returns something else.
    """
    builtin = builtin_components(kind)
    if name in builtin:
        return Component(builtin[name], BUILTIN, "")
    plugins = installed_plugins(group=kind.group)
    if name not in plugins:
        known = ", ".join([*builtin, *plugins])
        raise PluginError(
            f"no {kind.noun} {name!r}; known are {known}. Install the plugin that provides it"
        )
    if len(claims := plugins[name]) > 1:
        names = " and ".join(f"{plugin.distribution} {plugin.version}" for plugin in claims)
        raise PluginError(f"{kind.noun} {name!r} is claimed by {names}; uninstall all but one")
    return _load(kind, claims[0])


def _load(kind: Kind, plugin: Plugin) -> Component:
    if plugin.error:
        raise PluginError(plugin.error)
    point = importlib.metadata.EntryPoint(plugin.name, plugin.module, kind.group)
    with import_guard(str(plugin)):
        found = _returned(kind, str(plugin), point.load)
    if plugin.name not in found:
        raise PluginError(
            f"{plugin}: {kind.hook}() must return a {kind.noun} of the name of its entry point, "
            f"{plugin.name!r}; it returns {', '.join(found) or 'none'}"
        )
    return Component(found[plugin.name], plugin.distribution, plugin.version)


def _returned(kind: Kind, who: str, module: Callable[[], ModuleType]) -> dict[str, Any]:
    """What the hook of a module returns, by name."""
    manager = register_plugin(who, module)
    with errors_named(who, f"failed in {kind.hook}()"):
        returned = [value for values in getattr(manager.hook, kind.hook)() for value in values]
    found: dict[str, Any] = {}
    for value in returned:
        fault = kind.fault(value)
        if fault:
            raise PluginError(f"{who}: {kind.hook}() must return {fault}, was {shorten(value)}")
        name = value.name
        if not isinstance(name, str) or not NAME.match(name):
            raise PluginError(
                f"{who}: the name of a {kind.noun} must be {NAME_RULE}, was {shorten(name)}"
            )
        found[name] = value
    return found

"""The registry: finds plugins from metadata alone and loads only the one a command names."""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import final

from seqgen.domains.domain import Domain
from seqgen.domains.encoder import FILE_MODULE
from seqgen.errors import PluginError
from seqgen.registry import hookspecs, loading
from seqgen.registry.validation import NAME

#: Names the only plugins that may be loaded, parted by commas. Files are not concerned.
ALLOWED = "SEQGEN_PLUGINS"


@final
@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed plugin, as its metadata describes it. Nothing of it is imported.

    Args:
        name: The entry point's name, which is the domain's name.
        summary: The distribution's one-line description.
        distribution: The name of the distribution.
        version: Its version.
        module: What would be imported.
        requires: What the distribution asks of seqgen itself (``seqgen>=0.1,<0.2``).
        fault: Why it cannot even be asked; empty for a plugin that can.
    """

    name: str
    summary: str
    distribution: str
    version: str
    module: str
    requires: str = ""
    fault: str = ""

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.distribution} {self.version})"


@final
@dataclass(frozen=True, slots=True)
class LoadedDomain:
    """A domain with where it came from, as model files record it.

    Args:
        domain: The domain.
        distribution: The distribution that provides it; the file's name for a one-file domain.
        version: The distribution's version; a hash of the content for a one-file domain.
        file: The .py file of a one-file domain.
    """

    domain: Domain
    distribution: str
    version: str
    file: Path | None = None

    @property
    def source(self) -> str:
        """The domain as ``load_domain`` takes it: its name, or the absolute path of its file."""
        return self.domain.name if self.file is None else str(self.file.resolve())


def allowed_names() -> frozenset[str] | None:
    """The names in SEQGEN_PLUGINS; None where it is not set, and every plugin may be loaded."""
    listed = os.environ.get(ALLOWED)
    if listed is None:
        return None
    return frozenset(name.strip() for name in listed.split(",") if name.strip())


def installed_plugins(restricted: bool = True) -> dict[str, list[Plugin]]:
    """Every installed plugin by name, sorted; a name with several entries is a clash.

    Args:
        restricted: Leave out what SEQGEN_PLUGINS does not allow.
    """
    allowed = allowed_names() if restricted else None
    found: dict[str, dict[str, Plugin]] = {}
    for distribution in importlib.metadata.distributions():
        for plugin in _plugins_of(distribution):
            if allowed is None or plugin.name in allowed:
                # One distribution may be seen twice, once through its checkout in this folder.
                found.setdefault(plugin.name, {}).setdefault(plugin.distribution, plugin)
    return {name: list(found[name].values()) for name in sorted(found)}


def _plugins_of(distribution: importlib.metadata.Distribution) -> Iterator[Plugin]:
    """The plugins that a distribution brings; whatever is wrong with it harms no other."""
    try:
        if f"[{hookspecs.GROUP}]" not in (distribution.read_text("entry_points.txt") or ""):
            return
    except (OSError, ValueError):
        return  # unreadable, so nobody knows whether it is meant for seqgen
    try:
        about = distribution.metadata.json
    except Exception:  # a parser of other people's files: the plugin is told by what remains
        about = {}
    summary = loading.printable(str(about.get("summary", "")))
    name = loading.printable(str(about.get("name", "unknown distribution")))
    version = loading.printable(str(about.get("version", "?")))
    asked = (loading.printable(str(line)) for line in about.get("requires_dist", ()))
    requires = next((line for line in asked if line.startswith("seqgen") and ";" not in line), "")
    try:
        points = [p for p in distribution.entry_points if p.group == hookspecs.GROUP]
    except Exception as error:
        fault = f"its entry_points.txt cannot be read: {type(error).__name__}: {error}"
        yield Plugin(name, summary, name, version, "?", requires, fault)
        return
    for point in points:
        fault = ""
        if not NAME.match(point.name):
            fault = (
                "the name of its entry point must be lower-case letters, digits, - and _, "
                "beginning with a letter"
            )
        shown = loading.printable(point.name)
        yield Plugin(shown, summary, name, version, point.value, requires, fault)


def load_domain(name: str) -> LoadedDomain:
    """The domain of a registered name, or of a path to a Python file.

    What the plugin writes to stdout while it is imported goes to stderr.

    Raises:
        PluginError: There is none, two distributions claim the name, it cannot be imported,
            or what it gives is not a valid domain.
    """
    if name.endswith(".py"):
        with loading.guarded(f"domain file {name}"):
            return _load_file(Path(name))
    plugin = _find(name)
    with loading.guarded(str(plugin)):
        return load_plugin(plugin)


def _find(name: str) -> Plugin:
    """The one plugin of a name, from metadata."""
    plugins = installed_plugins()
    if name not in plugins:
        if name in installed_plugins(restricted=False):
            listed = os.environ.get(ALLOWED)
            raise PluginError(
                f"domain {name!r} is not among those that {ALLOWED}={listed} allows; add it there, "
                "or unset that variable"
            )
        known = ", ".join(plugins) or "none"
        here = _meant(name, plugins)
        raise PluginError(
            f"no domain {name!r}; installed: {known}.{here} Install the plugin that provides it, "
            "or give the path of a .py file. The domain comes first: seqgen run DOMAIN --flags"
        )
    if len(plugins[name]) > 1:
        raise PluginError(clash(plugins[name]))
    return plugins[name][0]


def _meant(name: str, plugins: Iterable[str]) -> str:
    """What an unknown name may have meant: a file of that name, or a name much like it."""
    files = [path.stem for path in Path().glob("*.py")]
    if name in files:
        return f" {name}.py is here: seqgen run ./{name}.py."
    close = difflib.get_close_matches(name, plugins, n=1)
    if close:
        return f" Did you mean {close[0]}?"
    close = difflib.get_close_matches(name, files, n=1)
    return f" Did you mean ./{close[0]}.py?" if close else ""


def clash(claims: list[Plugin]) -> str:
    """What is wrong where several distributions claim one name."""
    all_of_them = " and ".join(f"{p.distribution} {p.version}" for p in claims)
    return f"domain {claims[0].name!r} is claimed by {all_of_them}; uninstall all but one"


def load_plugin(plugin: Plugin, passed: Callable[[str], None] = lambda check: None) -> LoadedDomain:
    """Import a plugin and take its domain.

    Args:
        plugin: Which.
        passed: Told every check of ``loading.CHECKS`` that the plugin has passed.

    Raises:
        PluginError: What is wrong with it.
    """
    if plugin.fault:
        raise PluginError(f"{plugin}: {plugin.fault}")
    point = importlib.metadata.EntryPoint(plugin.name, plugin.module, hookspecs.GROUP)
    domain = loading.load(str(plugin), point.load, passed)
    if domain.name != plugin.name:
        raise PluginError(
            f"{plugin} gives a domain named {domain.name!r}; its entry point must have that name"
        )
    passed(loading.CHECKS[-1])
    return LoadedDomain(domain, plugin.distribution, plugin.version)


def _load_file(path: Path) -> LoadedDomain:
    if not path.is_file():
        raise PluginError(f"no domain file {path}; give the path of an existing .py file")
    try:
        content = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise PluginError(f"cannot read domain file {path}: {error.strerror}") from error
    # A private name, so that no file can take the place of an installed module.
    private = f"{FILE_MODULE}{content}"

    def module() -> ModuleType:
        spec = importlib.util.spec_from_file_location(private, path.resolve())
        assert spec is not None and spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        sys.modules[private] = made  # dataclasses look their own module up while it loads
        spec.loader.exec_module(made)
        return made

    domain = loading.load(f"domain file {path}", module, lambda check: None)
    return LoadedDomain(domain, path.name, content, path)

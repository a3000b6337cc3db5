"""Find installed plugins by their metadata, and load the one that a command names."""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import importlib.util
import linecache
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any, final

from seqgen.domains.domain import Domain
from seqgen.domains.encoder import FILE_MODULE
from seqgen.errors import PluginError
from seqgen.registry import hookspecs
from seqgen.registry.load_plugin import (
    CHECKS,
    NAME,
    NAME_RULE,
    check_domain,
    import_guard,
    load_checked,
    printable,
    shorten,
)

#: The only plugins that may be loaded, separated by commas. It does not apply to files.
ALLOWED = "SEQGEN_PLUGINS"


@final
@dataclass(frozen=True, slots=True)
class Plugin:
    """The metadata of an installed plugin, which is not imported.

    Args:
        name: The name of the entry point, which is the domain's name.
        summary: The one-line description of the distribution.
        distribution: The name of the distribution.
        version: The version of the distribution.
        module: The module of the entry point.
        requires: The seqgen version that the distribution requires (``seqgen>=0.1,<0.2``).
        error: What is wrong with the metadata; empty if nothing is.
    """

    name: str
    summary: str
    distribution: str
    version: str
    module: str
    requires: str = ""
    error: str = ""

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.distribution} {self.version})"


@final
@dataclass(frozen=True, slots=True)
class LoadedDomain:
    """A domain and its origin, as model files record it.

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

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the domain of a file or a plugin as its name: another process loads it there.

        A file's module has a name that only seqgen imports, and functions of a domain may be
        lambdas, which cannot be pickled. A domain that was passed as an object is pickled by value.
        """
        plugins = installed_plugins().get(self.domain.name, [])
        if self.file is None and self.distribution not in {p.distribution for p in plugins}:
            return LoadedDomain, (self.domain, self.distribution, self.version)
        return _load_pickled, (self.source, self.distribution, self.version)


def _load_pickled(source: str, distribution: str, version: str) -> LoadedDomain:
    """The domain of a pickle.

    Raises:
        PluginError: It cannot be loaded, or is another version than the pickled one.
    """
    module = sys.modules.get(f"{FILE_MODULE}{version}")
    if module is not None:  # the classes of pickled items are those of the module that is loaded
        domain = load_checked(f"domain file {source}", lambda: module, lambda check: None)
        return LoadedDomain(domain, distribution, version, Path(source))
    loaded = load_domain(source)
    if (loaded.distribution, loaded.version) != (distribution, version):
        raise PluginError(
            f"{source} was {distribution} {version} when this object was pickled, and is "
            f"{loaded.distribution} {loaded.version} here; use the same version, or open the "
            "model file with seqgen.load"
        )
    return loaded


def allowed_names() -> frozenset[str] | None:
    """Return the names in SEQGEN_PLUGINS; None if it is not set, so that all may be loaded."""
    listed = os.environ.get(ALLOWED)
    if listed is None:
        return None
    return frozenset(name.strip() for name in listed.split(",") if name.strip())


def installed_plugins(
    restricted: bool = True, group: str = hookspecs.GROUP
) -> dict[str, list[Plugin]]:
    """Return the installed plugins by name, sorted; several entries for a name are a clash.

    Args:
        restricted: Whether to skip plugins that SEQGEN_PLUGINS does not allow.
        group: The group of their entry points: that of domains, or of a kind of component.
    """
    allowed = allowed_names() if restricted else None
    found: dict[str, dict[str, Plugin]] = {}
    for distribution in importlib.metadata.distributions():
        for plugin in _read_metadata(distribution, group):
            if allowed is None or plugin.name in allowed:
                # A distribution is found twice if its checkout is the current folder.
                found.setdefault(plugin.name, {}).setdefault(plugin.distribution, plugin)
    return {name: list(found[name].values()) for name in sorted(found)}


def _read_metadata(distribution: importlib.metadata.Distribution, group: str) -> Iterator[Plugin]:
    """Yield the plugins of a distribution; damaged metadata affect no other distribution."""
    try:
        if f"[{group}]" not in (distribution.read_text("entry_points.txt") or ""):
            return
    except (OSError, ValueError):
        return  # unreadable, so it may not be a plugin at all
    try:
        metadata = distribution.metadata.json
    except Exception:  # the parser raises errors of many kinds
        metadata = {}
    summary = printable(str(metadata.get("summary", "")))
    name = printable(str(metadata.get("name", "unknown distribution")))
    version = printable(str(metadata.get("version", "?")))
    lines = (printable(str(line)) for line in metadata.get("requires_dist", ()))
    requires = next((line for line in lines if line.startswith("seqgen") and ";" not in line), "")

    def plugin(point: str, module: str, fault: str) -> Plugin:
        found = Plugin(point, summary, name, version, module, requires)
        return replace(found, error=f"{found}: {fault}") if fault else found

    try:
        points = [p for p in distribution.entry_points if p.group == group]
    except Exception as error:
        fault = f"its entry_points.txt cannot be read: {type(error).__name__}: {error}"
        yield plugin(name, "?", fault)
        return
    for point in points:
        fault = "" if NAME.match(point.name) else f"the name of its entry point must be {NAME_RULE}"
        yield plugin(printable(point.name), point.value, fault)


def load_domain(name: str) -> LoadedDomain:
    """Load the domain with this name, or from this path of a Python file.

    Output to stdout during the import goes to stderr.

    Raises:
        PluginError: The domain does not exist, two distributions claim its name, or it cannot be
            imported or is not valid.
    """
    if name.endswith(".py"):
        with import_guard(f"domain file {name}"):
            return _load_file(Path(name))
    plugin = _find(name)
    with import_guard(str(plugin)):
        return load_plugin(plugin)


def locate_domain(domain: Domain | str | Path) -> LoadedDomain:
    """Return a domain with its origin: by name, by the path of a Python file, or as an object.

    The origin of an object is the plugin or the domain file that returned it. One that was made
    elsewhere, such as in a cell of a notebook, is identified by a hash of the files or cells that
    define its functions, so that an edited one is another version.

    Raises:
        PluginError: There is no such domain, or it is not valid.
    """
    if not isinstance(domain, Domain):
        if not isinstance(domain, str | Path):
            raise PluginError(
                "a domain must be its name, the path of a .py file or a seqgen.Domain, was "
                f"{shorten(domain)}"
            )
        return load_domain(str(domain))
    module = sys.modules.get(str(getattr(domain.corpus, "__module__", None)))
    path = getattr(module, "__file__", None)
    if module is not None and path and module.__name__.startswith(FILE_MODULE):
        content = module.__name__.removeprefix(FILE_MODULE)
        return LoadedDomain(domain, Path(path).name, content, Path(path))
    if domain.name in installed_plugins():
        installed = load_domain(domain.name)
        if installed.domain == domain:
            return installed
    where = module.__name__ if module is not None else "unknown module"
    check_domain(domain, f"the domain {shorten(domain.name)} of {where}")
    parts = (domain, domain.evaluation)
    values = [getattr(part, item.name) for part in parts for item in fields(part)]
    return LoadedDomain(domain, where, hash_sources(values))


def hash_sources(values: Iterable[object]) -> str:
    """A hash of the files or notebook cells that define functions and classes."""
    files = {file for value in values for file in _source_files(value)}
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update("".join(linecache.getlines(file)).encode() + b"\0")
    return digest.hexdigest()[:16]


def _source_files(value: object) -> Iterator[str]:
    """The files that define a function, or the methods of a class."""
    parts = vars(value).values() if isinstance(value, type) else [value]
    for part in parts:
        code = getattr(getattr(part, "__func__", part), "__code__", None)
        if code is not None:
            yield code.co_filename


def _find(name: str) -> Plugin:
    plugins = installed_plugins()
    if name not in plugins:
        if name in installed_plugins(restricted=False):
            listed = os.environ.get(ALLOWED)
            raise PluginError(
                f"domain {name!r} is not in {ALLOWED}={listed}; add it there, or unset the variable"
            )
        known = ", ".join(plugins) or "none"
        hint = _suggestion(name, plugins)
        raise PluginError(
            f"no domain {name!r}; installed: {known}.{hint} Install the plugin that provides it, "
            "or give the path of a .py file. The domain comes first: seqgen run DOMAIN --flags"
        )
    if len(plugins[name]) > 1:
        raise PluginError(clash(plugins[name]))
    return plugins[name][0]


def _suggestion(name: str, plugins: Iterable[str]) -> str:
    """Suggest a file with this name, or a similar name."""
    files = [path.stem for path in Path().glob("*.py")]
    if name in files:
        return f" {name}.py is in this folder: seqgen run ./{name}.py."
    close = difflib.get_close_matches(name, plugins, n=1)
    if close:
        return f" Did you mean {close[0]}?"
    close = difflib.get_close_matches(name, files, n=1)
    return f" Did you mean ./{close[0]}.py?" if close else ""


def clash(claims: list[Plugin]) -> str:
    """Return the error for several distributions that claim one name."""
    names = " and ".join(f"{p.distribution} {p.version}" for p in claims)
    return f"domain {claims[0].name!r} is claimed by {names}; uninstall all but one"


def load_plugin(plugin: Plugin, passed: Callable[[str], None] = lambda check: None) -> LoadedDomain:
    """Import a plugin and return its domain.

    Args:
        plugin: The plugin.
        passed: Is called with each check of ``CHECKS`` that the plugin passes.

    Raises:
        PluginError: The plugin cannot be used.
    """
    if plugin.error:
        raise PluginError(plugin.error)
    point = importlib.metadata.EntryPoint(plugin.name, plugin.module, hookspecs.GROUP)
    domain = load_checked(str(plugin), point.load, passed)
    if domain.name != plugin.name:
        raise PluginError(
            f"{plugin} returns a domain named {domain.name!r}; its entry point must have that name"
        )
    passed(CHECKS[-1])
    return LoadedDomain(domain, plugin.distribution, plugin.version)


def _load_file(path: Path) -> LoadedDomain:
    if not path.is_file():
        raise PluginError(f"no domain file {path}; give the path of an existing .py file")
    try:
        content = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise PluginError(f"cannot read domain file {path}: {error.strerror}") from error
    # A private name, so that no file can replace an installed module.
    private = f"{FILE_MODULE}{content}"

    def module() -> ModuleType:
        spec = importlib.util.spec_from_file_location(private, path.resolve())
        assert spec is not None and spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[private] = loaded  # dataclasses look up their module while it loads
        spec.loader.exec_module(loaded)
        return loaded

    domain = load_checked(f"domain file {path}", module, lambda check: None)
    return LoadedDomain(domain, path.name, content, path)

"""The registry: finds plugins from metadata alone and loads only the one a command names."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import ModuleType

from seqgen.domains import hookspecs
from seqgen.domains.domain import Domain
from seqgen.errors import PluginError

NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")
#: The fields of a domain that are functions, or None where they need not be given.
FUNCTIONS = (
    "corpus",
    "encoder",
    "condition",
    "guide",
    "augment",
    "text",
    "preview",
    "write",
    "describe",
    "score_card",
    "passages",
)


@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed plugin, as its metadata describes it. Nothing of it is imported.

    Args:
        name: The entry point's name, which is the domain's name.
        summary: The distribution's one-line description.
        distribution: The name of the distribution.
        version: Its version.
        module: What would be imported.
    """

    name: str
    summary: str
    distribution: str
    version: str
    module: str

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.distribution} {self.version})"


@dataclass(frozen=True, slots=True)
class LoadedDomain:
    """A domain with where it came from, as model files record it.

    Args:
        domain: The domain.
        distribution: The distribution that provides it; the file's name for a one-file domain.
        version: The distribution's version; a hash of the content for a one-file domain.
    """

    domain: Domain
    distribution: str
    version: str


def installed_plugins() -> dict[str, list[Plugin]]:
    """Every installed plugin by name, sorted; a name with several entries is a clash."""
    found: dict[str, dict[str, Plugin]] = {}
    for point in importlib.metadata.entry_points(group=hookspecs.GROUP):
        about = point.dist.metadata.json if point.dist else {}
        plugin = Plugin(
            point.name,
            str(about.get("summary", "")),
            str(about.get("name", "unknown distribution")),
            str(about.get("version", "?")),
            point.value,
        )
        # One distribution may be seen twice, once through its checkout in the current folder.
        found.setdefault(point.name, {}).setdefault(plugin.distribution, plugin)
    return {name: list(found[name].values()) for name in sorted(found)}


def load_domain(name: str) -> LoadedDomain:
    """The domain of a registered name, or of a path to a Python file.

    Raises:
        PluginError: There is none, two distributions claim the name, it cannot be imported,
            or what it gives is not a valid domain.
    """
    if name.endswith(".py"):
        return _load_file(Path(name))
    plugins = installed_plugins()
    if name not in plugins:
        known = ", ".join(plugins) or "none"
        raise PluginError(
            f"no domain {name!r}; installed: {known}. Install the plugin that provides it, "
            "or give the path of a .py file. The domain comes first: seqgen run DOMAIN --flags"
        )
    if len(plugins[name]) > 1:
        both = " and ".join(f"{p.distribution} {p.version}" for p in plugins[name])
        raise PluginError(f"domain {name!r} is claimed by {both}; uninstall one of them")
    plugin = plugins[name][0]
    point = next(iter(importlib.metadata.entry_points(group=hookspecs.GROUP, name=name)))
    domain = _ask(str(plugin), point.load)
    if domain.name != name:
        raise PluginError(
            f"{plugin} gives a domain named {domain.name!r}; its entry point must have that name"
        )
    return LoadedDomain(domain, plugin.distribution, plugin.version)


def _load_file(path: Path) -> LoadedDomain:
    if not path.is_file():
        raise PluginError(f"no domain file {path}; give the path of an existing .py file")
    try:
        content = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise PluginError(f"cannot read domain file {path}: {error.strerror}") from error
    # A private name, so that no file can take the place of an installed module.
    private = f"_seqgen_file_{content}"

    def load() -> ModuleType:
        spec = importlib.util.spec_from_file_location(private, path.resolve())
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[private] = module  # dataclasses look their own module up while it loads
        spec.loader.exec_module(module)
        return module

    return LoadedDomain(_ask(f"domain file {path}", load), path.name, content)


def _ask(who: str, load: Callable[[], ModuleType]) -> Domain:
    """Import a plugin, check its hooks, and take its domain."""
    import pluggy

    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    with _blamed_on(who, "failed to load"):
        manager.register(load(), who)
        manager.check_pending()
    with _blamed_on(who, "failed in seqgen_domain()"):
        given = manager.hook.seqgen_domain()
    if given is None:
        raise PluginError(
            f"{who} has no hook: mark a function seqgen_domain() with @seqgen.hookimpl"
        )
    return _checked(given, who)


@contextmanager
def _blamed_on(who: str, what: str) -> Iterator[None]:
    """Turn whatever a plugin raises into one line that names it, unless SEQGEN_RAISE is set."""
    try:
        yield
    except (Exception, SystemExit) as error:
        if os.environ.get("SEQGEN_RAISE"):
            raise
        raise PluginError(
            f"{who} {what}: {type(error).__name__}: {error}{_where(error)}; "
            "SEQGEN_RAISE=1 shows the traceback"
        ) from error


def _where(error: BaseException) -> str:
    """File and line of an error, in the plugin rather than in a library that it called."""
    if isinstance(error, SyntaxError):  # Python's own message names file and line already
        return ""
    library, host = sysconfig.get_paths()["stdlib"], str(Path(__file__).parents[1])
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if not frame.filename.startswith((host, "<frozen"))
        and ("site-packages" in frame.filename or not frame.filename.startswith(library))
    ]
    last = (own or frames)[-1]
    return f" ({Path(last.filename).name}, line {last.lineno})"


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _checked(domain: object, who: str) -> Domain:
    """Hold what a plugin gave against the types that ``Domain`` asks for."""
    if not isinstance(domain, Domain):
        raise PluginError(f"{who}: seqgen_domain() must give a seqgen.Domain, was {domain!r}")
    kinds = {"name": str, "summary": str, "presets": Mapping, "suffixes": tuple, "model": Path}
    for field, kind in kinds.items():
        unset = field == "model" and domain.model is None
        if not unset and not isinstance(getattr(domain, field), kind):
            raise PluginError(
                f"{who}: Domain.{field} must be a {kind.__name__}, was {getattr(domain, field)!r}"
            )
    if not NAME.match(domain.name):
        raise PluginError(
            f"{who}: a domain name is lower-case letters, digits, - and _, was {domain.name!r}"
        )
    for field in FUNCTIONS:
        value = getattr(domain, field)
        if not callable(value) and (value is not None or field in ("corpus", "encoder", "text")):
            raise PluginError(
                f"{who}: Domain.{field} must be callable, was {_short(value)}; give the function "
                "or class itself, without ()"
            )
    for field in ("data_options", "prompt_options"):
        value = getattr(domain, field)
        if not (isinstance(value, type) and is_dataclass(value)):
            raise PluginError(f"{who}: Domain.{field} must be a frozen dataclass, was {value!r}")
    return domain

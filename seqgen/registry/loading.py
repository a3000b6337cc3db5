"""Loading: imports one plugin, takes its domain, and blames it by name for what goes wrong."""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from seqgen.domains.domain import Domain
from seqgen.errors import PluginError
from seqgen.registry import hookspecs
from seqgen.registry import validation as domain_types
from seqgen.registry import versions as api
from seqgen.registry import versions as deprecations

if TYPE_CHECKING:
    import pluggy

#: What is checked of a plugin, in this order; the first that fails is told.
CHECKS = (
    "imports without an error",
    "declares no unknown hook",
    "seqgen_domain() gives a Domain",
    "speaks this plugin API",
    "every field of Domain holds its type",
    "has the name of its entry point",
)
#: After so many seconds a person is told whose import is being waited for.
SILENCE = 10.0
#: No message of a plugin is shown longer.
LONGEST = 600


def load(who: str, module: Callable[[], ModuleType], passed: Callable[[str], None]) -> Domain:
    """Import a plugin, check its hooks, take its domain and check that.

    Args:
        who: The plugin as messages name it: ``plugin 'birds' (seqgen-birds 1.5)``.
        module: Imports it.
        passed: Told the name of every check that the plugin has passed, as soon as it has.

    Raises:
        PluginError: One line that names the plugin, what is wrong, file and line.
    """
    import pluggy

    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    with _blamed_on(who, "failed to load"):
        imported = module()
        passed(CHECKS[0])
        manager.register(imported, who)
        _check_hooks(manager, who)
        passed(CHECKS[1])
    with _blamed_on(who, "failed in seqgen_domain()"):
        given = manager.hook.seqgen_domain()
    if given is None:
        raise PluginError(
            f"{who} has no hook: mark a function seqgen_domain() with @seqgen.hookimpl"
        )
    place = _place(manager.hook.seqgen_domain.get_hookimpls()[0].function)
    with _blamed_on(who, "gives a Domain that cannot be checked"):
        return _checked(given, who, place, passed)


def _check_hooks(manager: pluggy.PluginManager, who: str) -> None:
    """Refuse a marked function of a name that is no hook, at its own file and line."""
    for name, caller in vars(manager.hook).items():
        for mark in caller.get_hookimpls() if not caller.has_spec() else ():
            raise PluginError(
                f"{who}: unknown hook {name!r}; the only hook is seqgen_domain, so rename the "
                f"function{_place(mark.function)}"
            )


def _checked(given: object, who: str, place: str, passed: Callable[[str], None]) -> Domain:
    if not isinstance(given, Domain):
        shown = domain_types.short(given)
        raise PluginError(f"{who}: seqgen_domain() must give a seqgen.Domain, was {shown}{place}")
    passed(CHECKS[2])
    _check_api(given.api, who, place)
    passed(CHECKS[3])
    faults = domain_types.faults_of(given)
    if faults:
        raise PluginError(f"{who}: {'; '.join(faults)}{place}")
    passed(CHECKS[4])
    return given


def _check_api(version: object, who: str, place: str) -> None:
    """Refuse a version of the plugin API that this seqgen does not speak."""
    if not isinstance(version, int) or isinstance(version, bool):
        raise PluginError(
            f"{who}: Domain.api must be an int, was {domain_types.short(version)}{place}"
        )
    if not api.OLDEST_API <= version <= api.API_VERSION:
        cure = "a newer seqgen" if version > api.API_VERSION else "a newer version of the plugin"
        raise PluginError(
            f"{who} is written for plugin API {version}, and this seqgen speaks {api.spoken()}; "
            f"install {cure}"
        )
    if version in deprecations.APIS:
        deprecations.warn(deprecations.APIS[version], who)


@contextmanager
def _blamed_on(who: str, what: str) -> Iterator[None]:
    """Turn whatever a plugin raises into one line that names it, unless SEQGEN_RAISE is set."""
    try:
        yield
    except (PluginError, KeyboardInterrupt, deprecations.SeqgenDeprecation):
        raise
    except BaseException as error:
        if os.environ.get("SEQGEN_RAISE"):
            raise
        raise PluginError(
            f"{who} {what}: {type(error).__name__}: {_message(error)}{_where(error)}; "
            "SEQGEN_RAISE=1 shows the traceback"
        ) from error


def _message(error: BaseException) -> str:
    """What an error says, as one short line without control characters."""
    try:
        said = " ".join(str(error).split())
    except Exception as second:
        return f"(its message cannot be shown: {type(second).__name__})"
    shown = printable(said)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."


def printable(text: str) -> str:
    """A text of others without the characters that a terminal obeys."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _where(error: BaseException) -> str:
    """File and line of an error, in the plugin rather than in a library that it called."""
    if isinstance(error, SyntaxError):  # Python's own message names file and line already
        return ""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return place_of(error) or f" ({Path(last.filename).name}, line {last.lineno})"


def place_of(error: BaseException) -> str:
    """File and line of the innermost frame that is neither Python's nor seqgen's; "" without."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_own(frame.filename)]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def is_own(filename: str) -> bool:
    """Whether a file of a traceback may be a plugin's, and not Python's or seqgen's."""
    library, host = sysconfig.get_paths()["stdlib"], str(Path(__file__).parents[1]) + os.sep
    return not filename.startswith((host, "<")) and (
        "site-packages" in filename or not filename.startswith(library)
    )


def _place(function: object) -> str:
    code = getattr(function, "__code__", None)
    return f" ({Path(code.co_filename).name}, line {code.co_firstlineno})" if code else ""


@contextmanager
def guarded(who: str) -> Iterator[None]:
    """Keep stdout for results while a plugin is imported, and say whose import takes long."""
    slow = threading.Timer(
        SILENCE,
        lambda: print(
            f"still loading {who} after {SILENCE:g} s; Ctrl-C stops", file=sys.stderr, flush=True
        ),
    )
    slow.daemon = True
    slow.start()
    try:
        with _stdout_apart():
            yield
    finally:
        slow.cancel()


@contextmanager
def _stdout_apart() -> Iterator[None]:
    """Meanwhile everything written to stdout goes to stderr, by Python or past it."""
    for stream in (sys.stdout, sys.__stdout__):
        if stream is not None:
            stream.flush()
    try:
        kept = os.dup(1)
    except OSError:  # stdout is closed, so nothing can be written to it
        with redirect_stdout(sys.stderr):
            yield
        return
    try:
        os.dup2(2, 1)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
        os.dup2(kept, 1)
        os.close(kept)

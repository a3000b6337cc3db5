"""Load the domain of one plugin; errors name the plugin, the file and the line."""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from seqgen.domains.domain import API_VERSION, Domain
from seqgen.errors import PluginError
from seqgen.registry import hookspecs
from seqgen.registry.validation import find_faults, shorten

if TYPE_CHECKING:
    import pluggy

#: The checks of a plugin in this order; loading ends at the first one that fails.
CHECKS = (
    "imports without an error",
    "declares no unknown hook",
    "seqgen_domain() returns a Domain",
    "supports this plugin API",
    "every field of Domain has its type",
    "has the name of its entry point",
)
#: Seconds until a message names the plugin that is still loading.
PATIENCE = 10.0
#: The longest error message of a plugin that is shown, in characters.
LONGEST_MESSAGE = 600


def load(who: str, module: Callable[[], ModuleType], passed: Callable[[str], None]) -> Domain:
    """Import a plugin, check its hooks, and return its domain after checking that too.

    Args:
        who: The plugin in messages: ``plugin 'birds' (seqgen-birds 1.5)``.
        module: Imports the plugin.
        passed: Is called with each of ``CHECKS`` that the plugin passes.

    Raises:
        PluginError: One line with the plugin, what is wrong, file and line.
    """
    import pluggy

    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    with _errors_named(who, "failed to load"):
        imported = module()
        passed(CHECKS[0])
        manager.register(imported, who)
        _check_hooks(manager, who)
        passed(CHECKS[1])
    with _errors_named(who, "failed in seqgen_domain()"):
        domain = manager.hook.seqgen_domain()
    if domain is None:
        raise PluginError(
            f"{who} has no hook: mark a function seqgen_domain() with @seqgen.hookimpl"
        )
    place = _function_place(manager.hook.seqgen_domain.get_hookimpls()[0].function)
    if not isinstance(domain, Domain):
        raise PluginError(
            f"{who}: seqgen_domain() must return a seqgen.Domain, was {shorten(domain)}{place}"
        )
    passed(CHECKS[2])
    _check_api(domain.api, who, place)
    passed(CHECKS[3])
    with _errors_named(who, "returns a Domain that cannot be checked"):
        faults = find_faults(domain)
    if faults:
        raise PluginError(f"{who}: {'; '.join(faults)}{place}")
    passed(CHECKS[4])
    return domain


def _check_hooks(manager: pluggy.PluginManager, who: str) -> None:
    """Refuse a marked function that has not the name of a hook."""
    for name, caller in vars(manager.hook).items():
        for mark in caller.get_hookimpls() if not caller.has_spec() else ():
            raise PluginError(
                f"{who}: unknown hook {name!r}; the only hook is seqgen_domain, so rename the "
                f"function{_function_place(mark.function)}"
            )


def _check_api(version: object, who: str, place: str) -> None:
    if not isinstance(version, int) or isinstance(version, bool):
        raise PluginError(f"{who}: Domain.api must be an int, was {shorten(version)}{place}")
    if version != API_VERSION:
        newer = "a newer seqgen" if version > API_VERSION else "a newer version of the plugin"
        raise PluginError(
            f"{who} is written for plugin API {version}, and this seqgen supports {API_VERSION}; "
            f"install {newer}"
        )


@contextmanager
def _errors_named(who: str, what: str) -> Iterator[None]:
    """Turn any exception into one line that names the plugin, unless SEQGEN_RAISE is set."""
    try:
        yield
    except (PluginError, KeyboardInterrupt):
        raise
    except BaseException as error:
        if os.environ.get("SEQGEN_RAISE"):
            raise
        raise PluginError(
            f"{who} {what}: {type(error).__name__}: {_message(error)}{_place(error)}; "
            "SEQGEN_RAISE=1 shows the traceback"
        ) from error


def _message(error: BaseException) -> str:
    """The message of an exception as one short line without control characters."""
    try:
        message = printable(" ".join(str(error).split()))
    except Exception as second:
        return f"(its message cannot be shown: {type(second).__name__})"
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}..."


def printable(text: str) -> str:
    """Replace the control characters in a text from a plugin, which a terminal would obey."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _place(error: BaseException) -> str:
    if isinstance(error, SyntaxError):  # its message already names file and line
        return ""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return error_place(error) or f" ({Path(last.filename).name}, line {last.lineno})"


def error_place(error: BaseException) -> str:
    """Where an error comes from: `` (towns.py, line 12)``; empty if not from a plugin."""
    return frames_place(traceback.extract_tb(error.__traceback__))


def frames_place(frames: traceback.StackSummary) -> str:
    """File and line of the innermost frame that belongs neither to Python nor to seqgen."""
    library, host = sysconfig.get_paths()["stdlib"], str(Path(__file__).parents[1]) + os.sep
    own = [
        frame
        for frame in frames
        if not frame.filename.startswith((host, "<"))
        and ("site-packages" in frame.filename or not frame.filename.startswith(library))
    ]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def _function_place(function: object) -> str:
    code = getattr(function, "__code__", None)
    return f" ({Path(code.co_filename).name}, line {code.co_firstlineno})" if code else ""


@contextmanager
def import_guard(who: str) -> Iterator[None]:
    """Send stdout to stderr during an import, and name the plugin if the import takes long."""
    slow = threading.Timer(
        PATIENCE,
        lambda: print(
            f"still loading {who} after {PATIENCE:g} s; press Ctrl-C to stop",
            file=sys.stderr,
            flush=True,
        ),
    )
    slow.daemon = True
    slow.start()
    try:
        with _stdout_to_stderr():
            yield
    finally:
        slow.cancel()


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Redirect stdout, both Python's and the file descriptor."""
    for stream in (sys.stdout, sys.__stdout__):
        if stream is not None:
            stream.flush()
    saved = None
    with suppress(OSError):  # stdout may be closed
        saved = os.dup(1)
        os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if sys.__stdout__ is not None:
            sys.__stdout__.flush()
        if saved is not None:
            os.dup2(saved, 1)
            os.close(saved)

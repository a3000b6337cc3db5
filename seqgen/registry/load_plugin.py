"""Load and validate the domain of one plugin; errors name the plugin, the file and the line."""

from __future__ import annotations

import inspect
import os
import re
import sys
import sysconfig
import threading
import traceback
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from seqgen.domains.domain import API_VERSION, Domain, Evaluation
from seqgen.errors import PluginError
from seqgen.registry import hookspecs
from seqgen.settings import flag_type

if TYPE_CHECKING:
    import pluggy


NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")
NAME_RULE = "lower-case letters, digits, - and _, beginning with a letter"
#: The fields that are neither functions nor options: what they must be, and a test for it.
VALUES: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "name": (f"a str of {NAME_RULE}", lambda name: isinstance(name, str) and NAME.match(name)),
    "summary": (
        "a str of one line",
        lambda summary: isinstance(summary, str) and len(summary.splitlines()) == 1,
    ),
    "keeps_receipts": ("a bool", lambda keeps: isinstance(keeps, bool)),
    "evaluation": ("a seqgen.Evaluation", lambda value: isinstance(value, Evaluation)),
    "presets": (
        "a Mapping of settings by name",
        lambda presets: isinstance(presets, Mapping) and all(isinstance(p, str) for p in presets),
    ),
    "suffixes": (
        "a tuple of lower-case file name suffixes with their dot",
        lambda suffixes: (
            isinstance(suffixes, tuple)
            and all(isinstance(s, str) and s.startswith(".") and s == s.lower() for s in suffixes)
        ),
    ),
    "model": ("a Path", lambda model: isinstance(model, Path | None)),
}
#: The fields that are functions, with their arguments.
FUNCTIONS = {
    "corpus": ("source", "options"),
    "encoder": ("options",),
    "resolve": ("options",),
    "condition": ("options",),
    "guide": ("encoder", "options", "condition"),
    "augment": ("item", "rng"),
    "text": ("item",),
    "write": ("items", "folder", "receipts"),
    "render": ("item",),
    "evaluation.rank": ("items",),
    "evaluation.metrics": ("item",),
    "evaluation.passages": ("item",),
    "evaluation.score_card": ("items",),
    "inspect": ("path",),
}
#: The functions that may not be None.
REQUIRED = ("corpus", "encoder", "text")


def find_faults(domain: Domain) -> list[str]:
    """Return an error for each wrong field: ``Domain.FIELD must be EXPECTED, was FOUND``."""
    return [*_value_faults(domain), *_option_faults(domain), *_function_faults(domain)]


def shorten(value: object) -> str:
    """Return the ``repr`` of a value for a message, cut, with the name of its type."""
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return f"{text} ({type(value).__name__})"


def _value_faults(domain: Domain) -> Iterator[str]:
    for field, (expected, accepts) in VALUES.items():
        value = getattr(domain, field)
        if not accepts(value):
            yield f"Domain.{field} must be {expected}, was {shorten(value)}"


def _option_faults(domain: Domain) -> Iterator[str]:
    for field in ("data_options", "encoding_options", "generation_options"):
        kind = getattr(domain, field)
        parameters: Any = getattr(kind, "__dataclass_params__", None)
        if not isinstance(kind, type) or parameters is None or not parameters.frozen:
            yield (
                f"Domain.{field} must be a frozen dataclass (the class itself), was {shorten(kind)}"
            )
            continue
        hints = typing.get_type_hints(kind)
        wrong = [fault for item in fields(kind) for fault in _setting_faults(item, hints)]
        yield from (f"Domain.{field}: {kind.__name__}.{fault}" for fault in wrong)
        try:
            wrong or kind()
        except Exception as error:
            yield (
                f"Domain.{field} must have valid defaults; {kind.__name__}() raised "
                f"{type(error).__name__}: {error}"
            )


def _setting_faults(item: Field[Any], hints: Mapping[str, Any]) -> Iterator[str]:
    if item.default is MISSING and item.default_factory is MISSING:
        yield f"{item.name} must have a default, has none"
    if flag_type(hints[item.name]) is None:
        yield (
            f"{item.name} must be bool, int, float, str or Path, or one of them or None, to be "
            f"a flag; is {hints[item.name]}"
        )


def _function_faults(domain: Domain) -> Iterator[str]:
    for field, arguments in FUNCTIONS.items():
        part, _, name = field.rpartition(".")
        value = getattr(getattr(domain, part) if part else domain, name, None)
        if value is None and field not in REQUIRED:
            continue
        if not callable(value):
            yield (
                f"Domain.{field} must be callable, was {shorten(value)}; pass the function or "
                "class itself, without ()"
            )
        elif not _accepts(value, arguments):
            yield (
                f"Domain.{field} must be callable with ({', '.join(arguments)}), "
                f"takes {inspect.signature(value)}"
            )


def _accepts(function: Callable[..., Any], arguments: tuple[str, ...]) -> bool:
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return True  # some callables written in C have no signature
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True


#: The names of the hooks.
HOOKS = tuple(name for name in hookspecs.__all__ if name.startswith("seqgen_"))
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


def load_checked(
    who: str, module: Callable[[], ModuleType], passed: Callable[[str], None]
) -> Domain:
    """Import a plugin, check its hooks, and return its domain after checking that too.

    Args:
        who: The plugin in messages: ``plugin 'birds' (seqgen-birds 1.5)``.
        module: Imports the plugin.
        passed: Is called with each of ``CHECKS`` that the plugin passes.

    Raises:
        PluginError: One line with the plugin, what is wrong, file and line.
    """
    manager = register_plugin(who, module, passed)
    with errors_named(who, "failed in seqgen_domain()"):
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
    check_domain(domain, who, place, passed)
    return domain


def check_domain(
    domain: Domain,
    who: str,
    place: str = "",
    passed: Callable[[str], None] = lambda check: None,
) -> None:
    """Check the version of the plugin API and every field of a domain.

    Args:
        domain: The domain.
        who: The plugin in messages.
        place: File and line that returned it, for messages.
        passed: Is called with each of ``CHECKS`` that the domain passes.

    Raises:
        PluginError: The version is not supported, or a field is wrong.
    """
    _check_api(domain.api, who, place)
    passed(CHECKS[3])
    with errors_named(who, "returns a Domain that cannot be checked"):
        faults = find_faults(domain)
    if faults:
        raise PluginError(f"{who}: {'; '.join(faults)}{place}")
    passed(CHECKS[4])


def register_plugin(
    who: str, module: Callable[[], ModuleType], passed: Callable[[str], None] = lambda check: None
) -> pluggy.PluginManager:
    """Import a plugin and check its hooks; returns a manager with this plugin alone.

    Raises:
        PluginError: The plugin cannot be imported, or marks a function of an unknown name.
    """
    import pluggy

    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    with errors_named(who, "failed to load"):
        imported = module()
        passed(CHECKS[0])
        manager.register(imported, who)
        _check_hooks(manager, who)
        passed(CHECKS[1])
    return manager


def _check_hooks(manager: pluggy.PluginManager, who: str) -> None:
    """Refuse a marked function that has not the name of a hook."""
    for name, caller in vars(manager.hook).items():
        for mark in caller.get_hookimpls() if not caller.has_spec() else ():
            raise PluginError(
                f"{who}: unknown hook {name!r}; the hooks are {', '.join(HOOKS)}, so rename the "
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
def errors_named(who: str, what: str) -> Iterator[None]:
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

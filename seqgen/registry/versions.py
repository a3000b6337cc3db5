"""Everything deprecated, in one place: what, since when, what to write instead, when it goes.

The policy is in docs/explanation/plugin-api.md. A test fails when an entry has outlived its date.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import final

PAGE = "docs/explanation/plugin-api.md"


@final
class SeqgenDeprecation(FutureWarning):
    """A plugin uses what will go. A ``FutureWarning``, because Python hides other deprecations."""


@final
@dataclass(frozen=True, slots=True)
class Deprecation:
    """One thing that will go.

    Args:
        what: What is deprecated, as a plugin's author wrote it: ``seqgen.OldName``.
        instead: What to write in its place.
        since: The version of seqgen that warns first.
        gone: The version in which it is an error.
    """

    what: str
    instead: str
    since: str
    gone: str

    def __str__(self) -> str:
        return (
            f"{self.what} is deprecated since seqgen {self.since} and gone in {self.gone}: "
            f"use {self.instead} ({PAGE})"
        )


#: Public names of seqgen that have another name now: old name -> new name and deprecation.
NAMES: Mapping[str, tuple[str, Deprecation]] = {}

#: Versions of the plugin API that are older than the present one and still served.
APIS: Mapping[int, Deprecation] = {}


def warn(entry: Deprecation, who: str = "", depth: int = 1) -> None:
    """Tell the author of the code that called, at the line of that code.

    Args:
        entry: What is deprecated.
        who: Who uses it, where it is not the calling line.
        depth: How many callers lie between the author's line and this function.
    """
    told = f"{who}: {entry}" if who else str(entry)
    warnings.warn(told, SeqgenDeprecation, stacklevel=depth + 1)


def every() -> list[Deprecation]:
    """All entries of this module."""
    return [*(entry for _, entry in NAMES.values()), *APIS.values()]


def overdue(entries: Iterable[Deprecation], version: str) -> list[Deprecation]:
    """The entries that should be gone by a version of seqgen (``0.3.1``)."""
    return [entry for entry in entries if _parts(entry.gone) <= _parts(version)]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


#: What this seqgen speaks. Rises by one when a plugin that kept to the public names would break.
API_VERSION = 1

#: The oldest version that is still served. Between the two a plugin loads, with a deprecation.
OLDEST_API = 1


def spoken() -> str:
    """The versions that this seqgen serves, for messages: ``1`` or ``1 to 3``."""
    return str(API_VERSION) if OLDEST_API == API_VERSION else f"{OLDEST_API} to {API_VERSION}"

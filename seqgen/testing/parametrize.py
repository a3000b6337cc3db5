"""parametrize_with_checks: every check of a domain as a pytest test of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.domain import Domain
from seqgen.errors import SeqgenError
from seqgen.testing.all_checks import CHECKS, check_named
from seqgen.testing.check import Check, CheckFailed, NotApplicable
from seqgen.testing.domain_under_test import Subject

if TYPE_CHECKING:
    import pytest


def needed(name: str) -> Any:
    """A library that only tests need.

    Raises:
        SeqgenError: It is not installed; the message says how to install it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        library = name.partition(".")[0]
        raise SeqgenError(
            f"seqgen.testing needs {library}, which is not installed: pip install 'seqgen[testing]'"
        ) from error


@final
@dataclass(frozen=True, slots=True)
class BoundCheck:
    """One check of one domain, ready to be called by a test."""

    check: Check
    subject: Subject

    def __call__(self) -> None:
        """Look.

        Raises:
            CheckFailed: The domain breaks the law.
        """
        pytest = needed("pytest")
        try:
            self.check(self.subject)
        except NotApplicable as reason:
            pytest.skip(f"{self.check.name}: {reason}")


def parametrize_with_checks(
    domain: str | Path | Domain, expected_failures: Mapping[str, str] | None = None
) -> pytest.MarkDecorator:
    """A decorator that runs a test once for every check of a domain::

        @seqgen.testing.parametrize_with_checks("pasta")
        def test_conformance(check):
            check()

    The name of each check is the test's id. A check that does not apply is skipped with the
    reason.

    Args:
        domain: The name of an installed domain, the path of a domain's ``.py`` file, or the
            Domain itself; what needs another process or the command line is skipped for that.
        expected_failures: By the name of a check, why it is known to fail. Such a test is
            marked xfail, and fails when the check passes: then the reason has to go.

    Raises:
        SeqgenError: An expected failure names no check, or pytest is not installed.
    """
    library = needed("pytest")
    expected = dict(expected_failures or {})
    for name in expected:
        check_named(name)
    subject = Subject(domain)

    def parameter(check: Check) -> Any:
        marks = []
        if check.name in expected:
            marks.append(
                library.mark.xfail(reason=expected[check.name], raises=CheckFailed, strict=True)
            )
        return library.param(BoundCheck(check, subject), id=check.name, marks=marks)

    mark: pytest.MarkDecorator = library.mark.parametrize("check", list(map(parameter, CHECKS)))
    return mark

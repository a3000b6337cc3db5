"""parametrize_with_checks: every check of a domain or a component as a pytest test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import SeqgenError
from seqgen.testing.checks import Target, check_named, checks_of
from seqgen.testing.failures import CheckFailed, NotApplicable
from seqgen.testing.named_check import Check, UnderTest

if TYPE_CHECKING:
    import pytest


def import_test_library(name: str) -> Any:
    """Import a module of a library that only tests need.

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
    """One check of one domain or component; a test calls it."""

    check: Check
    subject: UnderTest

    def __call__(self) -> None:
        """Run the check; skip the test if it does not apply.

        Raises:
            CheckFailed: The domain or component breaks the law.
        """
        try:
            self.check(self.subject)
        except NotApplicable as reason:
            import_test_library("pytest").skip(f"{self.check.name}: {reason}")


def parametrize_with_checks(
    target: Target, expected_failures: Mapping[str, str] | None = None
) -> pytest.MarkDecorator:
    """Return a decorator that runs a test once for every check of a domain or a component::

        @seqgen.testing.parametrize_with_checks("pasta")
        def test_conformance(check):
            check()

    The name of each check is the test's id. A check that does not apply is skipped with the
    reason.

    Args:
        target: The name of an installed domain, the path of its ``.py`` file, or the Domain
            itself, for which checks that need another process or the command line are skipped; or
            a Cell, a Sampler or a LogitsProcessor.
        expected_failures: The reason for each known failure, by the name of the check. Such a
            test is marked as strict xfail: it fails if the check passes.

    Raises:
        SeqgenError: An expected failure is no name of a check, or pytest is not installed.
    """
    library = import_test_library("pytest")
    under_test, checks = checks_of(target)
    expected = {check_named(name, checks): why for name, why in (expected_failures or {}).items()}
    parameters = []
    for check in checks:
        xfail = library.mark.xfail(reason=expected.get(check), raises=CheckFailed, strict=True)
        marks = [xfail] if check in expected else []
        parameters.append(library.param(BoundCheck(check, under_test), id=check.name, marks=marks))
    mark: pytest.MarkDecorator = library.mark.parametrize("check", parameters)
    return mark

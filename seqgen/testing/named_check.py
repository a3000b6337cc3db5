"""Check: one named law of a domain or a component. Outcome: how a check ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, final

from seqgen.testing.failures import CheckFailed, NotApplicable


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended.

    Args:
        name: The name of the check.
        status: How it ended.
        note: What was tested, why the check does not apply, or what is wrong.
        change: What to change if it failed.
        example: The smallest example if it failed and there is one.
    """

    name: str
    status: Literal["passed", "failed", "not applicable"]
    note: str
    change: str = ""
    example: str = ""


class UnderTest(Protocol):
    """A domain or a component that is checked, such as a DomainUnderTest."""

    def run(self, check: Callable[[Any], str]) -> str:
        """Run the function of a check; its errors become a CheckFailed."""


@final
@dataclass(frozen=True, slots=True)
class Check:
    """One named law of a domain or a component.

    Args:
        function: ``check_NAME(subject)`` returns what it tested ("1,479 items") and raises
            CheckFailed or NotApplicable. The first line of its docstring is the law.
    """

    function: Callable[[Any], str]

    @property
    def name(self) -> str:
        """Its name in tables, test ids and ``expected_failures``."""
        return self.function.__name__.removeprefix("check_")

    @property
    def law(self) -> str:
        """The law in one line."""
        return (self.function.__doc__ or "").splitlines()[0]

    def __call__(self, subject: UnderTest) -> str:
        """Run the check, as ``DomainUnderTest.run`` does."""
        return subject.run(self.function)

    def outcome(self, subject: UnderTest) -> Outcome:
        """Run the check and return how it ended."""
        try:
            return Outcome(self.name, "passed", self(subject))
        except NotApplicable as reason:
            return Outcome(self.name, "not applicable", str(reason))
        except CheckFailed as failure:
            return Outcome(self.name, "failed", failure.what, failure.change, failure.example)

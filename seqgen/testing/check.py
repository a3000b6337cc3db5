"""Check: one named law of a domain, and the ways in which looking at it can end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, final

from seqgen.registry.loading import error_place

if TYPE_CHECKING:
    from seqgen.testing.domain_under_test import Subject

#: Longer examples are cut in a message.
LONGEST_EXAMPLE = 400
#: What to change where a line of the domain's own raised; what seqgen raised names no such line.
FIND = "find the line named above and mend it"


class CheckFailed(AssertionError):
    """A domain breaks a law.

    Args:
        what: What is wrong.
        change: What to change in the domain.
        example: The smallest example that was found.
    """

    def __init__(self, what: str, *, change: str, example: str = "") -> None:
        self.what, self.change, self.example = what, change, shortened(example)
        lines = [what, f"example: {self.example}" if example else "", f"what to change: {change}"]
        super().__init__("\n".join(line for line in lines if line))


class NotApplicable(Exception):
    """A check has nothing to look at in this domain; the message is the reason."""


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check ended.

    Args:
        name: The name of the check.
        status: How it ended.
        note: What was looked at, why the check does not apply, or what is wrong.
        change: What to change where it failed.
        example: The smallest example where it failed and there is one.
    """

    name: str
    status: Literal["passed", "failed", "not applicable"]
    note: str
    change: str = ""
    example: str = ""


@final
@dataclass(frozen=True, slots=True)
class Check:
    """One named law of a domain.

    Args:
        function: ``check_NAME(subject)``; it gives what it looked at ("1,479 items") and
            raises CheckFailed or NotApplicable. The first line of its docstring is the law.
    """

    function: Callable[[Subject], str]

    @property
    def name(self) -> str:
        """Its name in tables, test ids and ``expected_failures``."""
        return self.function.__name__.removeprefix("check_")

    @property
    def law(self) -> str:
        """The law in one line."""
        return (self.function.__doc__ or "").splitlines()[0]

    def __call__(self, subject: Subject) -> str:
        """Look; gives what was looked at.

        Raises:
            CheckFailed: The law is broken, or the domain raised what no other check explains.
            NotApplicable: There is nothing to look at.
        """
        with subject.looking(self.name), blamed("the domain", FIND):
            return self.function(subject)

    def outcome(self, subject: Subject) -> Outcome:
        """The same without raising, as a table shows it."""
        try:
            return Outcome(self.name, "passed", self(subject))
        except NotApplicable as reason:
            return Outcome(self.name, "not applicable", str(reason))
        except CheckFailed as failure:
            return Outcome(self.name, "failed", failure.what, failure.change, failure.example)


@contextmanager
def blamed(what: str, change: str, example: str = "") -> Iterator[None]:
    """Turn whatever the domain raises into a CheckFailed that names the line.

    Args:
        what: What was called.
        change: What to change.
        example: What it was called with.
    """
    try:
        yield
    except (CheckFailed, NotApplicable):
        raise
    except Exception as error:
        place = error_place(error)
        raise CheckFailed(
            f"{what} raised {type(error).__name__}: {error}{place}",
            change="do what the message says" if change == FIND and not place else change,
            example=example,
        ) from error


def shortened(text: str, most: int = LONGEST_EXAMPLE) -> str:
    """The text, cut in the middle where it is long."""
    half = most // 2
    return text if len(text) <= most else f"{text[:half]} ... {text[-half:]}"


def shown(value: object) -> str:
    """A value as an example shows it."""
    return shortened(repr(value))

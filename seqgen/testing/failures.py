"""CheckFailed and NotApplicable, and how the checks raise them and format examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from seqgen.registry.load_plugin import error_place

#: Longer examples are cut in a message.
MAX_EXAMPLE = 400
#: What to change if code of the domain raised an error that no check expects.
FIX_LINE = "fix the line named above"
#: The largest part of an item, in elements, that can replace the item as an example.
MAX_PART = 3
#: Parts of items longer than this are not searched.
MAX_SEARCHED_ITEM = 200


class CheckFailed(AssertionError):
    """A domain breaks a law.

    Args:
        what: What is wrong.
        change: What to change in the domain.
        example: The smallest example found.
    """

    def __init__(self, what: str, change: str, example: str = "") -> None:
        self.what, self.change, self.example = what, change, shorten(example)
        lines = [what, f"example: {self.example}" if example else "", f"what to change: {change}"]
        super().__init__("\n".join(line for line in lines if line))


class NotApplicable(Exception):
    """A check has nothing to test in this domain; the message is the reason."""


def require(condition: bool, what: str, change: str, *values: object) -> None:
    """Raise CheckFailed if a condition is false.

    Args:
        condition: The condition.
        what: What is wrong if it is false.
        change: What to change in the domain.
        values: The example: one value, or a value and what it became.
    """
    if not condition:
        raise CheckFailed(what, change, ", then ".join(map(format_value, values)))


@contextmanager
def report_errors(what: str, change: str, *values: object) -> Iterator[None]:
    """Turn an exception of the domain into a CheckFailed that names the line.

    Args:
        what: What was called.
        change: What to change in the domain.
        values: What it was called with.
    """
    try:
        yield
    except (CheckFailed, NotApplicable):
        raise
    except Exception as error:
        place = error_place(error)
        raise CheckFailed(
            f"{what} raised {type(error).__name__}: {error}{place}",
            "follow the message" if change == FIX_LINE and not place else change,
            ", ".join(map(format_value, values)),
        ) from error


def shorten(text: str) -> str:
    """Return a text of at most about ``MAX_EXAMPLE`` characters, cut in the middle."""
    half = MAX_EXAMPLE // 2
    return text if len(text) <= MAX_EXAMPLE else f"{text[:half]} ... {text[-half:]}"


def format_value(value: object) -> str:
    """Return a value as an example shows it."""
    return shorten(repr(value))


def are_equal(one: object, other: object) -> bool:
    """Return whether two items are equal.

    Raises:
        CheckFailed: They cannot be compared.
    """
    change = (
        "use items that == compares by content, such as frozen dataclasses of tuples, no arrays"
    )
    with report_errors("== of two items", change):
        return bool(one == other)


def find_smallest(item: Any, fails: Callable[[Any], bool]) -> Any:
    """Return the smallest part of a failing item that fails too, or the item.

    Args:
        item: An item that fails.
        fails: Whether an item fails; one for which it raises does not count.
    """
    if not isinstance(item, str | tuple | list) or len(item) > MAX_SEARCHED_ITEM:
        return item
    for size in range(min(MAX_PART, len(item) - 1) + 1):
        for start in range(len(item) - size + 1):
            try:
                if fails(item[start : start + size]):
                    return item[start : start + size]
            except Exception:
                continue
    return item

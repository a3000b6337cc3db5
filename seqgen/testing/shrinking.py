"""Examples: the smallest item for which something goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from seqgen.testing.check import CheckFailed

#: Parts of at most so many elements are tried in place of a whole item.
LONGEST_PART = 3
#: Of items that are longer than this no parts are tried.
LONGEST_ITEM = 200


def smallest(items: Iterable[Any], wrong: Callable[[Any], bool]) -> Any:
    """The smallest of the items that go wrong, or a smaller part of it that does too.

    Args:
        items: Items that go wrong.
        wrong: Whether an item goes wrong; one for which it raises does not count.
    """
    found = min(items, key=lambda item: len(repr(item)))
    if not isinstance(found, str | tuple | list) or len(found) > LONGEST_ITEM:
        return found
    for size in range(min(LONGEST_PART, len(found) - 1) + 1):
        for start in range(len(found) - size + 1):
            part = found[start : start + size]
            if _goes_wrong(part, wrong):
                return part
    return found


def _goes_wrong(item: Any, wrong: Callable[[Any], bool]) -> bool:
    try:
        return wrong(item)
    except Exception:
        return False  # a part that is no item at all says nothing about the law


def equal(one: Any, other: Any) -> bool:
    """Whether two items are equal.

    Raises:
        CheckFailed: They cannot be compared.
    """
    try:
        return bool(one == other)
    except Exception as error:
        raise CheckFailed(
            f"two items cannot be compared: {type(error).__name__}: {error}",
            change="make items that == compares by their content, such as frozen dataclasses of "
            "tuples; arrays do not",
        ) from error

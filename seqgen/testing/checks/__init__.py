"""The checks, in a module for each part of a domain."""

from __future__ import annotations

from seqgen.errors import SeqgenError
from seqgen.testing.checks import (
    corpus,
    encoder,
    generated_items,
    guide,
    item_functions,
    plugin,
    written_files,
)
from seqgen.testing.domain_under_test import CHECK_FUNCTIONS
from seqgen.testing.named_check import Check

#: All checks, in the order of these modules and of the functions ``check_NAME`` in each. The name
#: of a released check never gets another law, because ``expected_failures`` contain it.
CHECKS: tuple[Check, ...] = tuple(
    Check(value)
    for module in (plugin, corpus, encoder, guide, generated_items, item_functions, written_files)
    for name, value in vars(module).items()
    if name.startswith("check_") and value.__module__ == module.__name__
)
CHECK_FUNCTIONS.update((check.name, check.function) for check in CHECKS)


def check_named(name: str) -> Check:
    """Return the check with a name.

    Raises:
        SeqgenError: There is none; the message lists all names.
    """
    if name not in CHECK_FUNCTIONS:
        raise SeqgenError(f"no check {name!r}; there are {', '.join(CHECK_FUNCTIONS)}")
    return Check(CHECK_FUNCTIONS[name])

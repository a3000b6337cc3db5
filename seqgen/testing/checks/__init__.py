"""The checks, in a module for each part of a domain and for each kind of component."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from seqgen.domains.domain import Domain
from seqgen.errors import SeqgenError
from seqgen.models.cells.cell import Cell
from seqgen.testing.checks import (
    cell,
    corpus,
    encoder,
    generated_items,
    guide,
    item_functions,
    plugin,
    written_files,
)
from seqgen.testing.domain_under_test import CHECK_FUNCTIONS, DomainUnderTest
from seqgen.testing.named_check import Check, UnderTest


def _checks(*modules: ModuleType) -> Iterator[Check]:
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("check_") and value.__module__ == module.__name__:
                yield Check(value)


#: All checks of a domain, in the order of these modules and of the functions ``check_NAME`` in
#: each. The name of a released check never gets another law, because ``expected_failures``
#: contain it.
CHECKS: tuple[Check, ...] = tuple(
    _checks(plugin, corpus, encoder, guide, generated_items, item_functions, written_files)
)
#: All checks of a recurrent cell.
CELL_CHECKS: tuple[Check, ...] = tuple(_checks(cell))
CHECK_FUNCTIONS.update((check.name, check.function) for check in CHECKS)


def checks_of(target: str | Path | Domain | Cell) -> tuple[UnderTest, tuple[Check, ...]]:
    """Return what is checked, and its checks.

    Args:
        target: The name of a domain, the path of its ``.py`` file, a Domain, or a Cell.
    """
    if isinstance(target, Cell):
        return cell.CellUnderTest(target), CELL_CHECKS
    return DomainUnderTest(target), CHECKS


def check_named(name: str, checks: Sequence[Check] = CHECKS) -> Check:
    """Return the check with a name.

    Raises:
        SeqgenError: There is none; the message lists all names.
    """
    for check in checks:
        if check.name == name:
            return check
    names = ", ".join(check.name for check in checks)
    raise SeqgenError(f"no check {name!r}; there are {names}")

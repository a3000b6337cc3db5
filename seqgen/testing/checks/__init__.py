"""The checks, in a module for each part of a domain and for each kind of component."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from seqgen.domains.domain import Domain
from seqgen.errors import SeqgenError
from seqgen.generation.logits_processor import LogitsProcessor
from seqgen.generation.sampler import Sampler
from seqgen.models.cells.cell import Cell
from seqgen.testing.checks import (
    cell,
    corpus,
    encoder,
    generated_items,
    guide,
    item_functions,
    logits_processor,
    plugin,
    sampler,
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
#: All checks of a sampler.
SAMPLER_CHECKS: tuple[Check, ...] = tuple(_checks(sampler))
#: All checks of a logits processor.
PROCESSOR_CHECKS: tuple[Check, ...] = tuple(_checks(logits_processor))
CHECK_FUNCTIONS.update((check.name, check.function) for check in CHECKS)


#: What can be checked: the name of a domain, the path of its ``.py`` file, a Domain, a Cell, a
#: Sampler, or a LogitsProcessor.
Target = str | Path | Domain | Cell | Sampler[Any] | LogitsProcessor[Any]


def checks_of(target: Target) -> tuple[UnderTest, tuple[Check, ...]]:
    """Return what is checked, and its checks.

    Args:
        target: The name of a domain, the path of its ``.py`` file, a Domain, a Cell, a Sampler, or
            a LogitsProcessor for the vocabulary of ``letters_encoder()``.
    """
    if isinstance(target, Cell):
        return cell.CellUnderTest(target), CELL_CHECKS
    if isinstance(target, Sampler):
        return sampler.SamplerUnderTest(target), SAMPLER_CHECKS
    if isinstance(target, LogitsProcessor):
        return logits_processor.ProcessorUnderTest(target), PROCESSOR_CHECKS
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

"""The conformance kit: checks whether a domain or a component keeps the laws of the plugin API.

Its modules are imported when one of their names is used first; pytest and hypothesis only by the
functions that use them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.testing.checks import CELL_CHECKS as CELL_CHECKS
    from seqgen.testing.checks import CHECKS as CHECKS
    from seqgen.testing.checks import PROCESSOR_CHECKS as PROCESSOR_CHECKS
    from seqgen.testing.checks import SAMPLER_CHECKS as SAMPLER_CHECKS
    from seqgen.testing.checks import check_named as check_named
    from seqgen.testing.checks import checks_of as checks_of
    from seqgen.testing.checks.logits_processor import letters_encoder as letters_encoder
    from seqgen.testing.command_runner import Answer as Answer
    from seqgen.testing.command_runner import run_command as run_command
    from seqgen.testing.domain_under_test import DomainUnderTest as DomainUnderTest
    from seqgen.testing.failures import CheckFailed as CheckFailed
    from seqgen.testing.failures import NotApplicable as NotApplicable
    from seqgen.testing.named_check import Check as Check
    from seqgen.testing.named_check import Outcome as Outcome
    from seqgen.testing.parametrize import parametrize_with_checks as parametrize_with_checks
    from seqgen.testing.random_model import untrained_model as untrained_model
    from seqgen.testing.speed import measure_speed as measure_speed

_MODULES = {
    "checks": "CELL_CHECKS CHECKS PROCESSOR_CHECKS SAMPLER_CHECKS check_named checks_of",
    "checks.logits_processor": "letters_encoder",
    "command_runner": "Answer run_command",
    "domain_under_test": "DomainUnderTest",
    "failures": "CheckFailed NotApplicable",
    "named_check": "Check Outcome",
    "parametrize": "parametrize_with_checks",
    "random_model": "untrained_model",
    "speed": "measure_speed",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = list(_HOMES)

# Type checkers do not see this function: it would make any name valid.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'seqgen.testing' has no attribute {name!r}")
        return getattr(import_module(f"seqgen.testing.{_HOMES[name]}"), name)

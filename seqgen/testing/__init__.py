"""The conformance kit: whether a domain keeps the laws, check by check, for those who write one.

Importing it loads next to nothing; pytest and hypothesis only where they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.testing.all_checks import CHECKS as CHECKS
    from seqgen.testing.all_checks import check_named as check_named
    from seqgen.testing.check import Check as Check
    from seqgen.testing.check import CheckFailed as CheckFailed
    from seqgen.testing.check import NotApplicable as NotApplicable
    from seqgen.testing.check import Outcome as Outcome
    from seqgen.testing.domain_under_test import Subject as Subject
    from seqgen.testing.fixtures import Answer as Answer
    from seqgen.testing.fixtures import run_command as run_command
    from seqgen.testing.parametrize import parametrize_with_checks as parametrize_with_checks
    from seqgen.testing.random_model import untrained_model as untrained_model
    from seqgen.testing.speed import measure_speed as measure_speed

_HOMES = {
    "CHECKS": "seqgen.testing.all_checks",
    "check_named": "seqgen.testing.all_checks",
    "Check": "seqgen.testing.check",
    "CheckFailed": "seqgen.testing.check",
    "NotApplicable": "seqgen.testing.check",
    "Outcome": "seqgen.testing.check",
    "Answer": "seqgen.testing.fixtures",
    "run_command": "seqgen.testing.fixtures",
    "parametrize_with_checks": "seqgen.testing.parametrize",
    "measure_speed": "seqgen.testing.speed",
    "Subject": "seqgen.testing.domain_under_test",
    "untrained_model": "seqgen.testing.random_model",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'seqgen.testing' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

"""The one-file domains of examples/towns keep the laws."""

from collections.abc import Callable
from pathlib import Path

import seqgen.testing

TOWNS = Path(__file__).parents[2] / "examples" / "towns"


@seqgen.testing.parametrize_with_checks(TOWNS / "towns.py")
def test_towns(check: Callable[[], None]) -> None:
    check()


@seqgen.testing.parametrize_with_checks(TOWNS / "towns_with_syllables.py")
def test_towns_with_syllables(check: Callable[[], None]) -> None:
    check()


@seqgen.testing.parametrize_with_checks(TOWNS / "towns_with_length.py")
def test_towns_with_length(check: Callable[[], None]) -> None:
    check()

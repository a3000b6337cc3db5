"""The conformance kit on the domain tunes."""

from __future__ import annotations

from collections.abc import Callable

import seqgen.testing


@seqgen.testing.parametrize_with_checks("tunes")
def test_conformance(check: Callable[[], None]) -> None:
    check()

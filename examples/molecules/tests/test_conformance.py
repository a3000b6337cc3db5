"""The conformance kit on the domain molecules."""

from __future__ import annotations

from collections.abc import Callable

import seqgen.testing


@seqgen.testing.parametrize_with_checks("molecules")
def test_conformance(check: Callable[[], None]) -> None:
    check()

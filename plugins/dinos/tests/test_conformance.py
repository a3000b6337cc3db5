"""The laws of a domain, check by check: see docs/how-to/test-a-plugin.md of seqgen."""

from collections.abc import Callable

import seqgen.testing


@seqgen.testing.parametrize_with_checks("dinos")
def test_conformance(check: Callable[[], None]) -> None:
    check()

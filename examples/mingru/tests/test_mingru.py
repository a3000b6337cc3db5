"""seqgen's checks of a cell, and that the installed cell is found by its name."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable

import seqgen_mingru

import seqgen.testing


@seqgen.testing.parametrize_with_checks(seqgen_mingru.MinGRU())
def test_cell(check: Callable[[], None]) -> None:
    check()


def test_the_installed_cell_is_found_by_its_name() -> None:
    assert "mingru" in {p.name for p in importlib.metadata.entry_points(group="seqgen.cells")}
    assert seqgen.testing.run_command("check", "--cell", "mingru", "--only", "cell_form").code == 0

"""The kit's own tests: good domains pass, and each defect is told by exactly one check."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqgen.testing import CHECKS, Subject, check_named

from .broken_domains import BROKEN, GOOD, HERE, Broken

#: These start processes of their own. They are run where they are meant to fail, and on what
#: is good: the others do not see a process.
WITH_PROCESSES = {
    "bad_data",
    "fingerprint",
    "import_weight",
    "write_inside",
    "write_paths",
    "write_repeats",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_domain_passes_every_check(name: str) -> None:
    subject = Subject(HERE / name)
    outcomes = [check.outcome(subject) for check in CHECKS]
    assert [outcome for outcome in outcomes if outcome.status == "failed"] == []


def test_every_check_passes_on_one_of_the_good_domains() -> None:
    """A check that never applies would prove nothing below."""
    passed = {
        check.name
        for name in GOOD
        for subject in [Subject(HERE / name)]
        for check in CHECKS
        if check.outcome(subject).status == "passed"
    }
    assert passed == {check.name for check in CHECKS}


def test_every_check_has_a_domain_that_it_catches() -> None:
    assert {broken.check for broken in BROKEN} == {check.name for check in CHECKS}
    assert len(BROKEN) >= 25


@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: f"{b.check}-{b.defect}")
def test_a_defect_is_told_by_exactly_one_check(broken: Broken, tmp_path: Path) -> None:
    path = tmp_path / broken.of
    path.write_text(broken.source(), encoding="utf-8")
    subject = Subject(path)
    alone = broken.check not in WITH_PROCESSES
    checks = [each for each in CHECKS if not (alone and each.name in WITH_PROCESSES)]
    outcomes = {each.name: each.outcome(subject) for each in checks}
    failed = {name: each.note for name, each in outcomes.items() if each.status == "failed"}
    assert list(failed) == [broken.check], failed
    assert broken.says in failed[broken.check]
    assert outcomes[broken.check].change
    assert check_named(broken.check).outcome(Subject(path)).status == "failed", "alone as well"

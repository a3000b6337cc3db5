"""Tests of the checks: valid domains pass, and exactly one check reports each defect."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqgen.models.model_file import save_model
from seqgen.testing import CHECKS, CheckFailed, DomainUnderTest, check_named
from seqgen.testing.random_model import untrained_model

from ..helpers.broken_corpora import CORPUS
from ..helpers.broken_decoders import DECODE
from ..helpers.broken_domain import GOOD, HERE, Broken
from ..helpers.broken_encoders import ENCODER
from ..helpers.broken_guides import GUIDE
from ..helpers.broken_items import ITEMS, SHIPPED, WRITING
from ..helpers.broken_plugins import PLUGIN

BROKEN = [*PLUGIN, *CORPUS, *ENCODER, *GUIDE, *DECODE, *ITEMS, *SHIPPED, *WRITING]

#: These checks start processes. To save time they run only for valid domains and for the defects
#: that they report.
PROCESS_CHECKS = {
    "bad_data",
    "fingerprint",
    "import_weight",
    "write_inside",
    "write_paths",
    "write_repeats",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_valid_domain_passes_every_check(name: str) -> None:
    domain = DomainUnderTest(HERE / name)
    outcomes = [check.outcome(domain) for check in CHECKS]
    assert [outcome for outcome in outcomes if outcome.status == "failed"] == []


@pytest.fixture
def shipping(tmp_path: Path) -> Path:
    """A valid domain with a shipped model."""
    path = tmp_path / "shipping.py"
    source = (HERE / "tiny_words.py").read_text(encoding="utf-8")
    model = 'model=Path(__file__).parent / "model.safetensors"'
    path.write_text(source.replace('name="words",', f'name="words", {model},'), encoding="utf-8")
    domain = DomainUnderTest(path)
    save_model(path.with_name("model.safetensors"), untrained_model(domain.loaded, domain.items))
    return path


@pytest.fixture
def usual_recursion_limit() -> Iterator[None]:
    """Python's own limit: hypothesis raises it in a process in which its tests ran before."""
    raised = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(raised)


def test_every_check_passes_for_a_valid_domain(shipping: Path) -> None:
    """A check that never applies would find no defect."""
    passed = {
        check.name
        for path in (*map(HERE.joinpath, GOOD), shipping)
        for domain in [DomainUnderTest(path)]
        for check in CHECKS
        if check.outcome(domain).status == "passed"
    }
    assert passed == {check.name for check in CHECKS}


def test_every_check_has_a_broken_domain() -> None:
    assert {broken.check for broken in BROKEN} == {check.name for check in CHECKS}
    assert len(BROKEN) >= 25


@pytest.mark.usefixtures("usual_recursion_limit")
@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: f"{b.check}-{b.defect}")
def test_exactly_one_check_reports_a_defect(broken: Broken, tmp_path: Path) -> None:
    path = tmp_path / broken.base
    path.write_text(broken.source(), encoding="utf-8")
    domain = DomainUnderTest(path)
    skipped = set() if broken.check in PROCESS_CHECKS else PROCESS_CHECKS
    checks = [each for each in CHECKS if each.name not in skipped]
    outcomes = {each.name: each.outcome(domain) for each in checks}
    failed = {name: each.note for name, each in outcomes.items() if each.status == "failed"}
    assert list(failed) == [broken.check], failed
    assert broken.message in failed[broken.check]
    assert outcomes[broken.check].change
    assert check_named(broken.check).outcome(DomainUnderTest(path)).status == "failed"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("ox ant", "ant"), "was trained on other items"),
        ((" z", " z ö"), "has another vocabulary than the data"),
        (('name="words"', 'name="word"'), "cannot be used: .* is for domain 'words', was loaded"),
        (('"letters"', '"signs"'), "cannot be used: .* its manifest is damaged"),
    ],
)
def test_shipped_model_reports_other_data_or_code(
    shipping: Path, change: tuple[str, str], message: str
) -> None:
    source = shipping.read_text(encoding="utf-8")
    shipping.write_text(source.replace(*change), encoding="utf-8")
    with pytest.raises(CheckFailed, match=message):
        check_named("shipped_model")(DomainUnderTest(shipping))


def test_shipped_model_reports_a_truncated_file(shipping: Path) -> None:
    model = shipping.with_name("model.safetensors")
    model.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(CheckFailed, match="the shipped model cannot be used"):
        check_named("shipped_model")(DomainUnderTest(shipping))


LETTERS = 'seqgen.Vocabulary(tuple("abcdefghijklmnopqrstuvwxyz"))'
FIXED = {
    '"""One token for each letter."""\n': '"""One token for each letter."""\n\n'
    "    def __init__(self, options=None, vocabulary=None):\n"
    f"        super().__init__(options, vocabulary or {LETTERS})\n",
    "return type(self)(vocabulary=seqgen.Vocabulary.learn(items))": "return self",
}
CHANGING = "self._vocabulary = seqgen.Vocabulary.learn(items)\n        return self"


@pytest.mark.parametrize(("fit", "status"), [("return self", "passed"), (CHANGING, "failed")])
def test_fit_of_an_encoder_with_fixed_symbols_may_return_itself(
    tmp_path: Path, fit: str, status: str
) -> None:
    source = (HERE / "tiny_words.py").read_text(encoding="utf-8")
    for old, new in FIXED.items():
        assert old in source
        source = source.replace(old, new.replace("return self", fit))
    path = tmp_path / "fixed.py"
    path.write_text(source, encoding="utf-8")
    domain = DomainUnderTest(path)
    failed = [each.name for each in CHECKS if each.outcome(domain).status == "failed"]
    assert failed == (["fit"] if status == "failed" else [])

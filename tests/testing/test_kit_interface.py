"""Tests of the interfaces of the kit: pytest, hypothesis, the command and the fixture."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import seqgen.testing
from seqgen.errors import SeqgenError
from seqgen.testing import (
    CELL_CHECKS,
    CHECKS,
    PROCESSOR_CHECKS,
    SAMPLER_CHECKS,
    CheckFailed,
    DomainUnderTest,
    NotApplicable,
    check_named,
    parametrize_with_checks,
    run_command,
    strategies,
)
from seqgen.testing.checks.encoder import check_round_trip
from seqgen.testing.failures import find_smallest
from seqgen.testing.fixtures import domain_runner as domain_runner
from seqgen.testing.parametrize import BoundCheck, import_test_library

from ..conftest import Run
from ..helpers.broken_domain import HERE
from .test_conformance_kit import BROKEN

TINY, WORDS = HERE / "tiny_domain.py", HERE / "tiny_words.py"


def test_each_check_is_a_test_with_its_name() -> None:
    parameters = parametrize_with_checks(TINY).args[1]
    assert [parameter.id for parameter in parameters] == [check.name for check in CHECKS]
    parameters[0].values[0]()


def test_an_expected_failure_is_a_strict_xfail() -> None:
    parameters = parametrize_with_checks(TINY, {"text": "known"}).args[1]
    marks = {parameter.id: parameter.marks for parameter in parameters}
    (mark,) = marks.pop("text")
    assert mark.name == "xfail"
    assert mark.kwargs == {"reason": "known", "raises": CheckFailed, "strict": True}
    assert not any(marks.values())


def test_an_expected_failure_of_an_unknown_check_raises() -> None:
    with pytest.raises(SeqgenError, match="no check 'round-trip'; there are domain_fields"):
        parametrize_with_checks(TINY, {"round-trip": "misspelt"})


TESTS = """
import seqgen.testing

@seqgen.testing.parametrize_with_checks({path!r}, expected_failures={expected!r})
def test_conformance(check):
    check()
"""


@pytest.mark.slow
def test_expected_failures_in_pytest(python: Run, tmp_path: Path) -> None:
    broken = next(each for each in BROKEN if each.check == "render")
    path = tmp_path / "broken.py"
    path.write_text(broken.source(), encoding="utf-8")

    def run(**expected: str) -> tuple[int, str]:
        test = tmp_path / "test_it.py"
        test.write_text(TESTS.format(path=str(path), expected=expected), encoding="utf-8")
        only = "render or text or unknown_symbols or small_items"
        answer = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", only, test)
        return answer.code, answer.out

    code, out = run()
    assert code == 1 and "1 failed" in out and "1 skipped" in out
    assert "render() must return text" in out and "what to change" in out
    code, out = run(render="it is a list for now")
    assert code == 0 and "1 xfailed" in out
    code, out = run(render="it is a list for now", text="was two lines once")
    assert code == 1 and "XPASS(strict)" in out


def test_a_check_that_does_not_apply_is_skipped() -> None:
    check = BoundCheck(check_named("presets"), DomainUnderTest(WORDS))
    with pytest.raises(pytest.skip.Exception, match="presets: the domain has no presets"):
        check()


def test_checks_of_a_domain_object() -> None:
    domain = seqgen.Domain(
        name="few",
        summary="Few",
        corpus=lambda source, options: ["ab", "ba", "aab"],
        encoder=seqgen.CharEncoder,
    )
    outcomes = {check.name: check.outcome(DomainUnderTest(domain)) for check in CHECKS}
    assert not [each for each in outcomes.values() if each.status == "failed"]
    assert outcomes["round_trip"].status == "passed"
    assert outcomes["fingerprint"].note.startswith("needs the domain's name or its .py file")


def test_the_message_of_a_failure() -> None:
    failure = CheckFailed("it is wrong", change="make it right", example="x" * 1000)
    assert str(failure).startswith("it is wrong\nexample: xxx")
    assert str(failure).endswith("what to change: make it right") and len(str(failure)) < 500
    assert isinstance(failure, AssertionError)


@pytest.mark.parametrize(
    ("item", "smallest"),
    [("aXa", "X"), (("a", "X"), ("X",)), ("a" * 300 + "X", "a" * 300 + "X"), (3, 3)],
)
def test_find_smallest(item: Any, smallest: Any) -> None:
    assert find_smallest(item, lambda part: "X" in part) == smallest


class Commas(seqgen.SymbolEncoder[str]):
    """Symbols separated by commas; decoding loses the spaces."""

    def symbols(self, item: str) -> list[str]:
        return item.split(", ")

    def item(self, symbols: Sequence[str]) -> str:
        return ",".join(symbols).strip()


def test_round_trip_shows_the_item_and_the_decoded_item() -> None:
    items = ["60 gin, 5 lime", "40 rum, 20 syrup"]
    domain = seqgen.Domain(
        name="drinks", summary="Drinks", corpus=lambda source, options: items, encoder=Commas
    )
    with pytest.raises(CheckFailed, match="2 of 2 items") as failure:
        check_round_trip(DomainUnderTest(domain))
    assert failure.value.example == "'60 gin, 5 lime' comes back as '60 gin,5 lime'"


def test_a_check_is_skipped_only_if_an_earlier_check_fails() -> None:
    domain = DomainUnderTest(TINY)
    with pytest.raises(ZeroDivisionError), domain.skip_if_fails("text"):
        raise ZeroDivisionError
    broken = DomainUnderTest(
        seqgen.Domain(name="x", summary="", corpus=lambda *_: [], encoder=seqgen.CharEncoder)
    )
    with (
        pytest.raises(NotApplicable, match="needs domain_fields, which fails"),
        broken.skip_if_fails("text", "domain_fields"),
    ):
        raise ZeroDivisionError


def test_a_state_that_is_changed_in_place_must_be_copied(tmp_path: Path) -> None:
    broken = next(each for each in BROKEN if each.defect == "a state that is changed in place")
    path = tmp_path / "broken.py"
    path.write_text(broken.source(), encoding="utf-8")
    outcome = check_named("guide_states").outcome(DomainUnderTest(path))
    assert outcome.note == "advance() changes the state that it receives"
    assert outcome.change.startswith("copy the state before changing it")


def test_guide_bound_says_that_max_tokens_is_missing() -> None:
    domain = seqgen.Domain(
        name="free",
        summary="Free",
        corpus=lambda source, options: ["ab", "ba", "aab"],
        encoder=seqgen.CharEncoder,
        guide=lambda encoder, options, condition: seqgen.FreeGuide(encoder.vocabulary.size),
    )
    outcome = check_named("guide_bound").outcome(DomainUnderTest(domain))
    assert outcome.status == "not applicable"
    assert outcome.note == "the guide sets no max_tokens; set it if items have a maximum length"


@given(strategies.tokens(TINY, metre=3, bars=2))
def test_tokens_are_allowed_by_the_guide(tokens: list[int]) -> None:
    assert len(tokens) in (3, 6)
    assert all(0 <= token < 3 for token in tokens)


@given(strategies.items(WORDS))
def test_items_of_the_corpus_and_generated_items(item: str) -> None:
    encoder = DomainUnderTest(WORDS).encoder
    encoded = encoder.encode(item)
    assert encoder.decode(encoded.tokens.tolist()) == item


@given(strategies.items(TINY, metre=3, bars=1))
def test_items_satisfy_the_options(item: Any) -> None:
    """The corpus contains other metres and more bars."""
    assert item.metre == 3 == len(item.beats)


def test_domain_runner(domain_runner: Any) -> None:
    model = domain_runner.model(TINY)
    flags = ["--domain", TINY, "-n", 2, "--out", "out", "--metre", 3]
    answer = domain_runner("generate", model, *flags)
    assert answer.code == 0, answer.err
    assert answer.files == tuple(
        Path("out") / name for name in ("rhythm-1.txt", "rhythm-2.txt", "samples.jsonl")
    )
    assert "wrote out" in answer.out
    refused = domain_runner("generate", model, *flags)
    assert (refused.code, refused.files) == (1, ())
    assert "holds samples of an earlier call" in refused.err


def test_the_command_prints_a_line_for_each_check() -> None:
    answer = run_command("check", TINY)
    assert answer.code == 0, answer.out
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines[: len(CHECKS)]] == [check.name for check in CHECKS]
    assert lines[-1].startswith(f"{len(CHECKS)} checks: ") and lines[-1].endswith(", none failed")
    assert any(line.endswith("tokens generated per second") for line in lines)


def test_the_command_prints_what_to_change(tmp_path: Path) -> None:
    broken = next(each for each in BROKEN if each.defect == "open strokes are lost")
    path = tmp_path / "broken.py"
    path.write_text(broken.source(), encoding="utf-8")
    answer = run_command("check", path, "--only", "round_trip", "--only", "text")
    assert answer.code == 1 and answer.err == ""
    first, second, _, *summary, last = answer.out.splitlines()
    assert first.split()[:2] == ["round_trip", "FAILED"] and second.split()[:2] == ["text", "ok"]
    assert summary[0].startswith("round_trip: ") and "of 14 items do not come back" in summary[0]
    assert "comes back as Rhythm(metre=" in summary[1] and "what to change" in summary[2]
    assert last == "2 checks: 1 passed, 0 do not apply, 1 failed"


def test_the_command_prints_json(tmp_path: Path) -> None:
    answer = run_command("check", WORDS, "--json", "--only", "fit")
    (check,) = json.loads(answer.out)["checks"]
    assert (check["name"], check["status"], check["note"]) == ("fit", "passed", "24 symbols")


def test_the_command_with_an_unknown_domain_or_check() -> None:
    answer = run_command("check", "no-such-domain")
    assert answer.code == 1
    assert "no domain 'no-such-domain'" in answer.out
    assert run_command("check", WORDS, "--only", "nothing").code == 1


def test_the_error_for_a_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(SeqgenError, match=r"needs hypothesis, .*pip install 'seqgen\[testing\]'"):
        import_test_library("hypothesis")


def test_importing_the_kit_loads_no_library(python: Run) -> None:
    code = "import sys, seqgen.testing; print(sorted(sys.modules))"
    loaded = set(json.loads(python("-c", code).out.replace("'", '"')))
    assert loaded.isdisjoint(
        {"pytest", "hypothesis", "numpy", "click", "seqgen.testing.named_check"}
    )


def test_the_reference_lists_every_check_with_its_law() -> None:
    page = (HERE.parents[1] / "docs" / "reference" / "testing.md").read_text(encoding="utf-8")
    listed, names = page.split("\n## seqgen.testing\n")
    rows = [line.strip("| ").split(" | ", 1) for line in listed.splitlines() if "| `" in line]
    every = (*CHECKS, *CELL_CHECKS, *SAMPLER_CHECKS, *PROCESSOR_CHECKS)
    assert rows == [[f"`{check.name}`", check.law] for check in every]
    for name in seqgen.testing.__all__:
        assert f"`{name}" in names, name

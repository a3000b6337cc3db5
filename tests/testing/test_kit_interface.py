"""How the kit is used: pytest, hypothesis, the command, the fixture, and where they are missing."""

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
    CHECKS,
    CheckFailed,
    NotApplicable,
    Subject,
    check_named,
    parametrize_with_checks,
    run_command,
    strategies,
)
from seqgen.testing.checks.encoder import check_round_trip
from seqgen.testing.fixtures import domain_runner as domain_runner
from seqgen.testing.parametrize import BoundCheck, needed
from seqgen.testing.shrinking import smallest

from ..conftest import Run
from ..helpers.broken_domain import HERE
from .test_conformance_kit import BROKEN

TINY, WORDS = HERE / "tiny_domain.py", HERE / "tiny_words.py"


def test_a_test_for_each_check_with_its_name() -> None:
    parameters = parametrize_with_checks(TINY).args[1]
    assert [parameter.id for parameter in parameters] == [check.name for check in CHECKS]
    parameters[0].values[0]()


def test_an_expected_failure_is_strict_and_has_its_reason() -> None:
    parameters = parametrize_with_checks(TINY, {"text": "known"}).args[1]
    marks = {parameter.id: parameter.marks for parameter in parameters}
    (mark,) = marks.pop("text")
    assert mark.name == "xfail"
    assert mark.kwargs == {"reason": "known", "raises": CheckFailed, "strict": True}
    assert not any(marks.values())


def test_an_expected_failure_of_no_check() -> None:
    with pytest.raises(SeqgenError, match="there is no check 'round-trip'; there are domain_fie"):
        parametrize_with_checks(TINY, {"round-trip": "misspelt"})


TESTS = """
import seqgen.testing

@seqgen.testing.parametrize_with_checks({path!r}, expected_failures={expected!r})
def test_conformance(check):
    check()
"""


@pytest.mark.slow
def test_in_pytest_a_failure_fails_and_an_expected_one_must_fail(
    python: Run, tmp_path: Path
) -> None:
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
    assert "render() must give text" in out and "what to change" in out
    code, out = run(render="it is a list for now")
    assert code == 0 and "1 xfailed" in out
    code, out = run(render="it is a list for now", text="was two lines once")
    assert code == 1 and "XPASS(strict)" in out


def test_what_does_not_apply_is_skipped_with_the_reason() -> None:
    check = BoundCheck(check_named("presets"), Subject(WORDS))
    with pytest.raises(pytest.skip.Exception, match="presets: the domain has no presets"):
        check()


def test_a_domain_can_be_given_as_it_is() -> None:
    domain = seqgen.Domain(
        name="few",
        summary="Few",
        corpus=lambda source, options: ["ab", "ba", "aab"],
        encoder=seqgen.CharEncoder,
    )
    outcomes = {check.name: check.outcome(Subject(domain)) for check in CHECKS}
    assert not [each for each in outcomes.values() if each.status == "failed"]
    assert outcomes["round_trip"].status == "passed"
    assert outcomes["fingerprint"].note.startswith("needs the domain's name or its .py file")


def test_a_message_says_what_and_the_example_and_what_to_change() -> None:
    failure = CheckFailed("it is wrong", change="make it right", example="x" * 1000)
    assert str(failure).startswith("it is wrong\nexample: xxx")
    assert str(failure).endswith("what to change: make it right") and len(str(failure)) < 500
    assert isinstance(failure, AssertionError)


@pytest.mark.parametrize(
    ("items", "found"),
    [
        (["aXa", "longer X"], "X"),
        ([("a", "X"), ("X", "X", "a")], ("X",)),
        (["a" * 300 + "X"], None),
    ],
)
def test_the_smallest_example_is_a_part_that_goes_wrong(items: list[Any], found: Any) -> None:
    assert smallest(items, lambda part: "X" in part) == (found or items[0])


class Commas(seqgen.SymbolEncoder[str]):
    """Symbols parted by commas, whose second space is lost on the way back."""

    def symbols(self, item: str) -> list[str]:
        return item.split(", ")

    def item(self, symbols: Sequence[str]) -> str:
        return ",".join(symbols).strip()


def test_the_round_trip_shows_an_item_of_the_corpus_and_what_came_back() -> None:
    items = ["60 gin, 5 lime", "40 rum, 20 syrup"]
    domain = seqgen.Domain(
        name="drinks", summary="Drinks", corpus=lambda source, options: items, encoder=Commas
    )
    with pytest.raises(CheckFailed, match="2 of 2 items") as failure:
        check_round_trip(Subject(domain))
    assert failure.value.example == "'60 gin, 5 lime' comes back as '60 gin,5 lime'"


def test_nothing_is_lost_between_two_checks() -> None:
    """A check that blames another for what it cannot look at must be right to do so."""
    subject = Subject(TINY)

    def raises() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        subject.unless_broken(raises, "text")
    broken = Subject(
        seqgen.Domain(name="x", summary="", corpus=lambda *_: [], encoder=seqgen.CharEncoder)
    )
    with pytest.raises(NotApplicable, match="needs what domain_fields finds broken"):
        broken.unless_broken(raises, "text", "domain_fields")


@given(strategies.tokens(TINY, metre=3, bars=2))
def test_tokens_are_what_the_guide_allows(tokens: list[int]) -> None:
    assert len(tokens) in (3, 6)
    assert all(0 <= token < 3 for token in tokens)


@given(strategies.items(WORDS))
def test_items_are_of_the_corpus_or_generated(item: str) -> None:
    subject = Subject(WORDS)
    encoded = subject.encoder.encode(item)
    assert subject.encoder.decode(encoded.tokens.tolist()) == item


@given(strategies.items(TINY, metre=3, bars=1))
def test_items_with_options_are_as_asked(item: Any) -> None:
    """The corpus holds other metres and more bars."""
    assert item.metre == 3 == len(item.beats)


def test_the_runner_gives_exit_code_output_and_files(domain_runner: Any) -> None:
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


def test_the_command_tells_each_check_on_a_line() -> None:
    answer = run_command("check", TINY)
    assert answer.code == 0, answer.out
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines[: len(CHECKS)]] == [check.name for check in CHECKS]
    assert lines[-1].startswith(f"{len(CHECKS)} checks: ") and lines[-1].endswith(", none failed")
    assert any(line.endswith("guide steps a second") for line in lines)


def test_the_command_tells_what_to_change_and_fails(tmp_path: Path) -> None:
    broken = next(each for each in BROKEN if each.defect == "open strokes are lost")
    path = tmp_path / "broken.py"
    path.write_text(broken.source(), encoding="utf-8")
    answer = run_command("check", path, "--only", "round_trip", "--only", "text")
    assert answer.code == 1 and answer.err == ""
    first, second, _, *told, last = answer.out.splitlines()
    assert first.split()[:2] == ["round_trip", "FAILED"] and second.split()[:2] == ["text", "ok"]
    assert told[0].startswith("round_trip: ") and "of 14 items do not come back" in told[0]
    assert "comes back as Rhythm(metre=" in told[1] and "what to change" in told[2]
    assert last == "2 checks: 1 passed, 0 do not apply, 1 failed"


def test_the_command_gives_json(tmp_path: Path) -> None:
    answer = run_command("check", WORDS, "--json", "--only", "fit")
    (check,) = json.loads(answer.out)["checks"]
    assert (check["name"], check["status"], check["note"]) == ("fit", "passed", "24 symbols")


def test_a_domain_that_is_not_there() -> None:
    answer = run_command("check", "no-such-domain")
    assert answer.code == 1
    assert "no domain 'no-such-domain'" in answer.out
    assert run_command("check", WORDS, "--only", "nothing").code == 1


def test_a_missing_library_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(SeqgenError, match=r"needs hypothesis, .*pip install 'seqgen\[testing\]'"):
        needed("hypothesis")


def test_importing_the_kit_loads_next_to_nothing(python: Run) -> None:
    code = "import sys, seqgen.testing; print(sorted(sys.modules))"
    loaded = set(json.loads(python("-c", code).out.replace("'", '"')))
    assert loaded.isdisjoint({"pytest", "hypothesis", "numpy", "click", "seqgen.testing.check"})


def test_the_reference_names_every_check_with_its_law_and_nothing_else() -> None:
    page = (HERE.parents[1] / "docs" / "reference" / "testing.md").read_text(encoding="utf-8")
    listed, names = page.split("\n## seqgen.testing\n")
    rows = [line.strip("| ").split(" | ", 1) for line in listed.splitlines() if "| `" in line]
    assert rows == [[f"`{check.name}`", check.law] for check in CHECKS]
    for name in seqgen.testing.__all__:
        assert f"`{name}" in names, name

"""The help of a command: options in groups, common ones first; and where an option belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from ..conftest import Run

#: At most this many options are on the first page of a help.
MAX_COMMON = 20


def listed(text: str) -> dict[str, list[str]]:
    """The options of a help by group."""
    groups: dict[str, list[str]] = {}
    for line in text.splitlines():
        if heading := re.fullmatch(r"(\S.*):", line):
            groups[heading[1]] = []
        elif groups and (option := re.match(r"  (?:-\w, )?(--[\w-]+)", line)):
            list(groups.values())[-1].append(option[1])
    return groups


@pytest.mark.parametrize("command", ["run", "train", "generate", "evaluate", "score"])
@pytest.mark.parametrize("domain", ["dinos", "jazz"])
def test_the_first_page_is_short(seqgen: Run, command: str, domain: str) -> None:
    answer = seqgen(command, domain, "--help")
    assert answer.code == 0
    assert sum(map(len, listed(answer.out).values())) <= MAX_COMMON
    assert all(len(line) <= 80 for line in answer.out.splitlines())


def test_options_are_in_groups_those_of_the_domain_first(seqgen: Run) -> None:
    for args in (["run", "dinos", "--help"], ["run", "--help", "dinos"]):
        groups = listed(seqgen(*args).out)
        assert list(groups) == [
            "Domain dinos", "Data", "Output", "Sampling", "Training", "Options",
        ]  # fmt: skip
        assert "--starts-with" in groups["Domain dinos"]
        assert {"--data", "--column"} <= set(groups["Data"])
        assert "--temperature" in groups["Sampling"] and "--epochs" in groups["Training"]
        assert groups["Options"] == ["--help-all", "--help"]
    assert "--starts-with" not in seqgen("train", "dinos", "--help").out


def test_all_options_are_on_another_page(seqgen: Run) -> None:
    common, every = seqgen("run", "jazz", "--help").out, seqgen("run", "jazz", "--help-all").out
    more = re.search(r"More options: ([^.]*)\.\n", common)
    assert more is not None and "Show them with: seqgen run jazz --help-all\n" in common
    counts = {name: int(count) for name, count in re.findall(r"(\w[\w ]*) \((\d+)\)", more[1])}
    shown, complete = listed(common), listed(every)
    assert "More options" not in every and "Constraints" not in shown
    for group, options in complete.items():
        assert len(options) == len(shown.get(group, [])) + counts.get(group, 0), group
    assert {"--top-p", "--max-copy", "--units", "--breathe"} <= {
        option for options in complete.values() for option in options
    }


def test_the_help_without_a_domain_names_the_one_with_it(seqgen: Run) -> None:
    text = seqgen("run", "--help").out
    assert "Show those of a domain too with: seqgen run DOMAIN --help\n" in text
    assert "--starts-with" not in text and "Show those" not in seqgen("run", "dinos", "--help").out


@pytest.mark.parametrize(
    ("args", "message", "help_command"),
    [
        (
            ["run", "jazz", "--starts-with", "x"],
            "--starts-with is an option of domain dinos",
            "seqgen run dinos --help-all",
        ),
        (
            ["generate", "dinos", "--chart", "F7"],
            "--chart is an option of domain jazz",
            "seqgen generate jazz --help-all",
        ),
        (
            ["run", "dinos", "--breathe", "4"],
            "--breathe is an option of domain jazz",
            "seqgen run jazz --help-all",
        ),
        (
            ["train", "dinos", "--starts-with", "x"],
            "--starts-with is an option of seqgen run and generate, of domain dinos",
            "seqgen run dinos --help-all",
        ),
        (
            ["generate", "dinos", "--learning-rate", "1"],
            "--learning-rate is an option of seqgen run and train",
            "seqgen run --help-all",
        ),
        (
            ["run", "jazz", "--chorusses", "2"],
            "No such option '--chorusses'. Did you mean '--choruses'?",
            "seqgen run jazz --help-all",
        ),
        (["run", "jazz", "--fly"], "No such option '--fly'.", "seqgen run jazz --help-all"),
        (["plugins", "--fly"], "No such option '--fly'.", "seqgen plugins --help"),
        (
            ["run", "jazz", "--instrument", "kazoo"],
            "Invalid value for '--instrument': 'kazoo' is not one of 'any',",
            "seqgen run jazz --help",
        ),
        (["run"], "Missing argument 'DOMAIN'.", "seqgen run --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_error_names_the_help_that_has_the_option(
    seqgen: Run, args: Sequence[str], message: str, help_command: str
) -> None:
    answer = seqgen(*args)
    assert (answer.code, answer.out) == (2, "")
    error, hint = answer.err.splitlines()
    assert error.startswith(f"Error: {message}") and hint == f"Try: {help_command}"


def test_temperature_0_names_the_greedy_sampler(seqgen: Run) -> None:
    answer = seqgen("generate", "dinos", "--temperature", "0")
    assert answer.code == 1 and answer.err.endswith(
        "Error: --temperature must be >= 0.001, was 0.0; --sampler greedy always takes the most "
        "probable token\n"
    )

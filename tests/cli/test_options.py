"""Flags made from dataclasses, and commands whose flags depend on their first argument."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from seqgen import setting
from seqgen.cli.dynamic_command import TargetCommand
from seqgen.cli.options import flags_of, given, with_flags
from seqgen.errors import PluginError

from ..conftest import Run


@dataclass(frozen=True)
class Wishes:
    """One field of every type that a flag can have."""

    min_length: int = setting(3, "Fewest letters.")
    share: float | None = setting(None, "A share.")
    key: str = setting("C", "A key.", choices=("C", "F"))
    loud: bool = setting(False, "Loudly.")
    chart: Path | None = None
    swing: bool | None = setting(None, "Swung or even, or as the chart says.")


@dataclass(frozen=True)
class Other:
    """Has a field that Wishes has too."""

    key: str = setting("G", "Another key.")
    plain: int = 7


def made(*classes: type[Any]) -> dict[str, click.Option]:
    """The options by name."""
    return {str(option.name): option for option in flags_of(*classes)}


def parsed(*args: str) -> dict[str, Any]:
    """What a command with these flags is given."""
    seen: dict[str, Any] = {}

    @click.command()
    @with_flags(flags_of(Wishes))
    def command(**flags: Any) -> None:
        seen.update(flags)

    result = CliRunner().invoke(command, args)
    if result.exit_code:
        raise click.UsageError(result.output)
    return seen


def test_every_field_is_a_flag() -> None:
    options = made(Wishes)
    assert list(options) == ["min_length", "share", "key", "loud", "chart", "swing"]
    assert options["min_length"].opts == ["--min-length"]
    assert options["min_length"].help == "Fewest letters.  [default: 3]"
    assert options["share"].help == "A share."
    assert options["loud"].secondary_opts == ["--no-loud"]
    assert options["swing"].secondary_opts == ["--no-swing"]
    assert options["swing"].help == "Swung or even, or as the chart says."


def test_flags_that_are_not_given_are_none() -> None:
    assert set(parsed().values()) == {None}
    assert given(parsed(), Wishes) == {}


def test_flags_give_values_of_the_type_of_the_field() -> None:
    flags = parsed("--min-length", "5", "--share=.5", "--key", "F", "--no-loud", "--chart", "a.txt")
    assert flags == {
        "min_length": 5,
        "share": 0.5,
        "key": "F",
        "loud": False,
        "chart": Path("a.txt"),
        "swing": None,
    }
    assert parsed("--swing")["swing"] is True and parsed("--no-swing")["swing"] is False
    assert Wishes(**given({**flags, "seed": 3}, Wishes)).chart == Path("a.txt")


@pytest.mark.parametrize("args", [["--min-length", "x"], ["--key", "H"], ["--unknown"]])
def test_wrong_usage_is_refused_by_the_parser(args: Sequence[str]) -> None:
    with pytest.raises(click.UsageError):
        parsed(*args)


def test_a_name_in_two_classes_is_one_flag() -> None:
    options = made(Wishes, Other)
    assert list(options).count("key") == 1
    assert options["key"].help == "A key.  [default: C]"
    assert "plain" in options, "a field without setting() is a flag too"


@pytest.mark.parametrize("kind", [list[str], "int | str", dict, object])
def test_a_type_that_no_flag_can_have(kind: Any) -> None:
    strange = make_dataclass("Strange", [("field", kind, None)])
    with pytest.raises(PluginError, match=r"Strange\.field has type"):
        flags_of(strange)


def command_for(extra: list[click.Option], targets: list[tuple[str, str | None]]) -> click.Command:
    """A command with a few flags of its own that notes which target it finds."""

    def extend(target: str, domain: str | None) -> list[click.Option]:
        targets.append((target, domain))
        return extra

    @click.command(cls=TargetCommand, extend=extend)
    @click.argument("domain")
    @click.option("--seed", "-s", type=int)
    @click.option("--domain", "domain_file")
    @click.option("--novel/--known", default=None)
    @click.option("--json", "as_json", is_flag=True)
    def command(**flags: Any) -> None:
        click.echo(json.dumps(flags))

    return command


@pytest.mark.parametrize(
    ("args", "target", "domain"),
    [
        (["dinos"], "dinos", None),
        (["--seed", "3", "dinos"], "dinos", None),
        (["-s", "3", "dinos"], "dinos", None),
        (["--seed=3", "dinos"], "dinos", None),
        (["-s3", "dinos"], "dinos", None),
        (["--json", "dinos", "--seed", "3"], "dinos", None),
        (["--known", "dinos"], "dinos", None),
        (["--domain", "a.py", "m.safetensors"], "m.safetensors", "a.py"),
        (["m.safetensors", "--domain=a.py"], "m.safetensors", "a.py"),
        (["--", "dinos"], "dinos", None),
        (["dinos", "--key", "F"], "dinos", None),
    ],
)
def test_the_target_is_found_among_the_flags(
    args: list[str], target: str, domain: str | None
) -> None:
    targets: list[tuple[str, str | None]] = []
    result = CliRunner().invoke(command_for(flags_of(Other), targets), args)
    assert result.exit_code == 0, result.output
    assert targets == [(target, domain)]
    assert json.loads(result.output)["domain"] == target


def test_without_a_target_nothing_is_looked_for() -> None:
    targets: list[tuple[str, str | None]] = []
    command = command_for([], targets)
    assert CliRunner().invoke(command, ["--help"]).exit_code == 0
    assert CliRunner().invoke(command, []).exit_code == 2
    assert targets == []


@pytest.mark.parametrize("name", ["seed", "json", "help", "known", "domain", "as_json", "no_way"])
def test_a_plugin_flag_that_clashes_is_refused(name: str) -> None:
    clashing = make_dataclass("Clashing", [(name, str, "")])
    result = CliRunner().invoke(command_for(flags_of(clashing), []), ["dinos"])
    if name == "no_way":
        assert result.exit_code == 0, result.output
    else:
        assert isinstance(result.exception, PluginError)
        assert "rename the field" in str(result.exception)


def test_help_shows_the_flags_of_the_target(seqgen: Run) -> None:
    for args in (["run", "dinos", "--help"], ["run", "--help", "dinos"]):
        answer = seqgen(*args)
        assert answer.code == 0
        own, _, others = answer.out.partition("\nOptions:\n")
        assert "--starts-with" in own and "--column" in own.split("Options of the domain:")[1]
        assert "--starts-with" not in others and "--units" in others
        assert answer.out.rstrip().splitlines()[-1].lstrip().startswith("-h, --help")
    assert "--starts-with" not in seqgen("run", "--help").out
    assert "--starts-with" not in seqgen("train", "dinos", "--help").out

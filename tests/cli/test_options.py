"""Options made from dataclasses, and commands whose options depend on their first argument."""

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
from seqgen.cli.options import TargetCommand, settings
from seqgen.cli.setting_options import setting_options
from seqgen.errors import PluginError
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.settings import select_settings

from ..helpers.fakes import text_domain


@dataclass(frozen=True)
class Settings:
    """One field of every type that an option can have."""

    min_length: int = setting(3, "Fewest letters.")
    share: float | None = setting(None, "A share.")
    key: str = setting("C", "A key.", choices=("C", "F"))
    loud: bool = setting(False, "Loudly.")
    chart: Path | None = None
    swing: bool | None = setting(None, "Swung or even, or as the chart says.")


@dataclass(frozen=True)
class Other:
    """Has a field of Settings too."""

    key: str = setting("G", "Another key.")
    plain: int = 7


def options_by_name(*classes: type[Any]) -> dict[str, click.Option]:
    """The options by name."""
    groups = {cls.__name__: cls for cls in classes}
    return {str(option.name): option for option in setting_options(groups)}


def parsed(*args: str) -> dict[str, Any]:
    """The values that a command with these options gets."""
    seen: dict[str, Any] = {}

    @click.command()
    @settings({"Settings": Settings})
    def command(**flags: Any) -> None:
        seen.update(flags)

    result = CliRunner().invoke(command, args)
    if result.exit_code:
        raise click.UsageError(result.output)
    return seen


def test_every_field_is_an_option() -> None:
    options = options_by_name(Settings)
    assert list(options) == ["min_length", "share", "key", "loud", "chart", "swing"]
    assert options["min_length"].opts == ["--min-length"]
    assert options["min_length"].help == "Fewest letters.  [default: 3]"
    assert options["share"].help == "A share."
    assert options["loud"].secondary_opts == ["--no-loud"]
    assert options["swing"].secondary_opts == ["--no-swing"]
    assert options["swing"].help == "Swung or even, or as the chart says."


def test_the_value_of_an_absent_option_is_none() -> None:
    assert set(parsed().values()) == {None}
    assert select_settings(parsed(), Settings) == {}


def test_options_have_values_of_the_type_of_the_field() -> None:
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
    assert Settings(**select_settings({**flags, "seed": 3}, Settings)).chart == Path("a.txt")


@pytest.mark.parametrize("args", [["--min-length", "x"], ["--key", "H"], ["--unknown"]])
def test_wrong_usage_is_refused_by_the_parser(args: Sequence[str]) -> None:
    with pytest.raises(click.UsageError):
        parsed(*args)


def test_a_name_in_two_classes_is_one_option() -> None:
    options = options_by_name(Settings, Other)
    assert list(options).count("key") == 1
    assert options["key"].help == "A key. Other: Another key.  [default: C]"
    assert "plain" in options, "a field without setting() is an option too"


@pytest.mark.parametrize("kind", [list[str], "int | str", dict, object])
def test_a_type_that_no_option_can_have(kind: Any) -> None:
    strange = make_dataclass("Strange", [("field", kind, None)])
    with pytest.raises(PluginError, match=r"Strange\.field has type"):
        setting_options({"Strange": strange})


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ({}, "[default: 3]"),
        ({"min": 0}, "[default: 3; N >= 0]"),
        ({"below": 9}, "[default: 3; N < 9]"),
        ({"min": 1, "max": 9}, "[default: 3; 1 <= N <= 9]"),
        ({"above": 0, "max": 2**63 - 1}, "[default: 3; N > 0]"),
    ],
)
def test_the_help_has_default_and_bounds(bounds: dict[str, float], text: str) -> None:
    cls = make_dataclass("Bounded", [("count", int, setting(3, "A number.", **bounds))])
    assert options_by_name(cls)["count"].help == f"A number.  {text}"


def test_bounds_follow_a_default_in_the_text() -> None:
    field = setting(None, "Tempo.  [default: the chart]", min=40)
    cls = make_dataclass("Bounded", [("tempo", float | None, field)])
    assert options_by_name(cls)["tempo"].help == "Tempo.  [default: the chart; X >= 40]"


def test_many_choices_are_in_the_text() -> None:
    names = tuple(f"instrument-{n}" for n in range(9))
    field = setting(names[0], "An instrument.", choices=names)
    option = options_by_name(make_dataclass("Band", [("player", str, field)]))["player"]
    assert option.metavar == "NAME"
    assert option.help == f"An instrument. One of {', '.join(names)}.  [default: {names[0]}]"


def test_names_of_components_are_listed_when_they_are_used() -> None:
    calls = []

    def names() -> list[str]:
        calls.append("listed")
        return ["lstm", "gru"]

    cls = make_dataclass("Model", [("cell", str, setting("lstm", "A cell.", choices=names))])

    @click.command()
    @settings({"Model": cls})
    def command(cell: str | None) -> None:
        click.echo(f"chosen: {cell}")

    runner = CliRunner()
    assert runner.invoke(command, []).output == "chosen: None\n" and not calls
    assert runner.invoke(command, ["--cell", "gru"]).output == "chosen: gru\n"
    assert "A cell. One of lstm, gru.  [default: lstm]" in runner.invoke(command, ["--help"]).output
    refused = runner.invoke(command, ["--cell", "rnn"])
    assert refused.exit_code == 2 and "'rnn' is not one of lstm, gru; install" in refused.output


def test_advanced_settings_are_not_common() -> None:
    cls = make_dataclass(
        "Wide", [("chart", str, setting("", "A.")), ("grid", str, setting("", "B.", advanced=True))]
    )
    assert [option.common for option in setting_options({"Wide": cls})] == [True, False]
    only = setting_options({"Wide": cls}, common={"grid"})
    assert [option.common for option in only] == [False, True]


def command_for(cls: type[Any], targets: list[tuple[str, str | None]]) -> click.Command:
    """A command with some options of its own that records the targets it resolves."""

    def resolve(text: str, domain_file: str | None) -> LoadedDomain:
        targets.append((text, domain_file))
        return LoadedDomain(text_domain(("ab",), name=text, data_options=cls), "tests", "1")

    @click.command("evaluate", cls=TargetCommand, resolve=resolve)
    @click.argument("domain")
    @click.option("--seed", "-s", type=int)
    @click.option("--domain", "domain_file")
    @click.option("--novel/--known", default=None)
    @click.option("--json", "as_json", is_flag=True)
    def command(domain: LoadedDomain, **flags: Any) -> None:
        click.echo(json.dumps({"domain": domain.domain.name, **flags}))

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
def test_the_target_is_found_among_the_options(
    args: list[str], target: str, domain: str | None
) -> None:
    targets: list[tuple[str, str | None]] = []
    result = CliRunner().invoke(command_for(Other, targets), args)
    assert result.exit_code == 0, result.output
    assert targets == [(target, domain)]
    assert json.loads(result.output)["domain"] == target


def test_without_a_target_nothing_is_resolved() -> None:
    targets: list[tuple[str, str | None]] = []
    command = command_for(Other, targets)
    assert CliRunner().invoke(command, ["--help"]).exit_code == 0
    assert CliRunner().invoke(command, []).exit_code == 2
    assert targets == []


@pytest.mark.parametrize(
    "name", ["seed", "json", "help", "known", "domain", "as_json", "help_all", "other"]
)
def test_an_option_of_a_domain_that_clashes_is_refused(name: str) -> None:
    clashing = make_dataclass("Clashing", [(name, str, "")])
    result = CliRunner().invoke(command_for(clashing, []), ["dinos"])
    if name == "other":
        assert result.exit_code == 0, result.output
    else:
        assert isinstance(result.exception, PluginError)
        assert "rename the field" in str(result.exception)

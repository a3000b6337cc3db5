"""A command parses each chart once, however many steps use it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from seqgen_jazz.charts import chart_parser
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.plugin import MODEL
from seqgen_jazz.prompting.resolve_options import condition, resolve

from seqgen.cli.main import main

CHART = "Dm7 | G7 | Cmaj7 | %"


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each text of a chart was parsed."""
    counts: Counter[str] = Counter()
    parse_labels = chart_parser._parse_labels

    def count(lines: list[str]) -> object:
        counts["\n".join(lines)] += 1
        return parse_labels(lines)

    monkeypatch.setattr(chart_parser, "_parse_labels", count)
    return counts


@pytest.mark.parametrize(
    "command", [("generate", str(MODEL), "--json"), ("run", "jazz", "--generate")]
)
def test_a_command_parses_its_chart_once(
    command: tuple[str, ...],
    parses: Counter[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([*command, "--chart", CHART, "-n", "2"])
    assert not ended.value.code
    assert parses[CHART] == 1


def test_resolved_options_contain_the_parsed_chart(parses: Counter[str]) -> None:
    resolved = resolve(GenerationOptions(CHART, choruses=2))
    assert len(condition(resolved).chart.bars) == len(condition(resolved).chart.bars) == 8
    assert parses == {CHART: 1}

"""Scores checked with the MusicXML schema and with LilyPond, if they are installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from seqgen_jazz.band.band_style import STYLES
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.output.musicxml.score import musicxml

from .bands import CHARTS, performed

ENGRAVERS = ("musicxml2ly", "lilypond")
missing = [name for name in ENGRAVERS if shutil.which(name) is None]
#: A Python package that contains the schema of MusicXML 4.0.
has_schema = all(importlib.util.find_spec(name) for name in ("musicxml", "lxml"))
#: Schemas that the schema imports from the network.
OTHERS = {
    "xml": ("http://www.w3.org/XML/1998/namespace", "lang space"),
    "xlink": ("http://www.w3.org/1999/xlink", "href type role title show actuate"),
}


def full_score(name: str, style: str) -> bytes:
    """A performance with everything that a score can contain."""
    solo = performed(name, style)
    assert solo.performance is not None
    chart = parse_chart(f"title: A & B\ncomposer: C\nkey: Eb\n{CHARTS[name]}")
    chart = replace(chart, sections=((0, "A"), (1, "B")))
    performance = replace(solo.performance, bass_part=True, lyrics=True)
    return musicxml(replace(solo, chart=chart, performance=performance), "seqgen-receipt {}")


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from lxml import etree

    folder = tmp_path_factory.mktemp("schema")
    found = importlib.util.find_spec("musicxml")
    assert found is not None and found.origin is not None
    text = next(Path(found.origin).parent.rglob("musicxml_4_0.xsd")).read_text("utf-8")
    for name, (space, attributes) in OTHERS.items():
        lines = "".join(
            f'<xs:attribute name="{one}" type="xs:string"/>' for one in attributes.split()
        )
        (folder / f"{name}.xsd").write_text(
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{space}">'
            f"{lines}</xs:schema>"
        )
        text = text.replace(f"http://www.musicxml.org/xsd/{name}.xsd", f"{name}.xsd")
    (folder / "musicxml.xsd").write_text(text, "utf-8")
    return etree.XMLSchema(etree.parse(str(folder / "musicxml.xsd")))


@pytest.mark.skipif(not has_schema, reason="the packages musicxml and lxml are not installed")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", CHARTS)
def test_scores_are_valid_by_the_schema(schema: Any, name: str, style: str) -> None:
    from lxml import etree

    for data in (full_score(name, style), musicxml(Solo(parse_chart(CHARTS[name]), ()))):
        assert schema.validate(etree.fromstring(data)), schema.error_log[0]


@pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")
@pytest.mark.parametrize(("name", "style"), [("blues", "swing"), ("waltz", "waltz")])
def test_lilypond_engraves_scores_without_errors(name: str, style: str, tmp_path: Path) -> None:
    (tmp_path / "page.musicxml").write_bytes(full_score(name, style))
    for command in (["musicxml2ly", "page.musicxml"], ["lilypond", "--png", "page.ly"]):
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
        )
        printed = done.stdout + done.stderr
        assert "error" not in printed and "barcheck" not in printed, printed
    assert any(tmp_path.glob("page*.png"))

"""Documentation that cannot rot: generated pages are current, code blocks are real files."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import seqgen
from seqgen import Domain

from .wheels.tutorial import steps_of

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
INCLUDED = re.compile(r"<!-- file: (\S+) -->\n```python\n(.*?)```", re.DOTALL)


def test_the_command_line_page_is_what_the_program_says() -> None:
    path = ROOT / "docs" / "make_cli_reference.py"
    spec = importlib.util.spec_from_file_location("make_cli_reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_code_in_the_tutorial_is_the_code_of_the_examples() -> None:
    page = (ROOT / "docs" / "tutorials" / "first-domain.md").read_text(encoding="utf-8")
    included = INCLUDED.findall(page)
    assert len(included) == 2
    for path, code in included:
        assert (ROOT / path).read_text(encoding="utf-8") == code, path


def test_the_plugin_of_the_readme_is_the_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    example = (ROOT / "examples" / "towns" / "towns.py").read_text(encoding="utf-8")
    assert example.endswith(code)


def test_two_files_and_few_lines_are_a_package() -> None:
    page = (ROOT / "docs" / "tutorials" / "publish.md").read_text(encoding="utf-8")
    written = {name: text for kind, name, text in steps_of(page) if kind == "write"}
    code, about = written["towns.py"], written["seqgen-towns/pyproject.toml"]
    assert (ROOT / "examples" / "towns" / "towns.py").read_text(encoding="utf-8").endswith(code)
    lines = code.count("\n") + about.count("\n")
    assert lines < 35 and f"Two files and {lines} lines" in page
    given = tomllib.loads(about)["project"]
    assert given["dependencies"] == [f"seqgen>={seqgen.__version__[:3]},<0.2"]


def test_the_tutorial_writes_what_it_shows_and_runs_what_it_says() -> None:
    page = (ROOT / "docs" / "tutorials" / "publish.md").read_text(encoding="utf-8")
    assert page.count("<!-- ") == len(steps_of(page)) == 10
    promised = (
        "seqgen new pasta && cd seqgen-pasta && pip install -e . && pytest && seqgen run pasta"
    )
    assert ("run", "", f"{promised}\n") in steps_of(page)
    with pytest.raises(ValueError, match="a block to write has a name, and one to run has none"):
        steps_of("<!-- run: x -->\n```\nx\n```")


def test_the_hook_page_names_every_field_and_public_name() -> None:
    text = "".join((ROOT / "docs" / "reference" / p).read_text() for p in ("hook.md", "guides.md"))
    for field in fields(Domain):
        assert re.search(rf"`{field.name}[`(]", text), field.name
    for name in seqgen.__all__:
        assert name in text, name

"""Documentation that cannot rot: generated pages are current, code blocks are real files."""

from __future__ import annotations

import importlib
import importlib.util
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import seqgen
from seqgen import Domain

from ..helpers.pages import PAGES, ROOT, blocks

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
    assert len(included) == 3
    for path, code in included:
        assert (ROOT / path).read_text(encoding="utf-8") == code, path


def test_the_plugin_of_the_readme_is_the_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[-1]
    example = (ROOT / "examples" / "towns" / "towns.py").read_text(encoding="utf-8")
    assert example.endswith(code)


def test_two_files_and_few_lines_are_a_package() -> None:
    page = ROOT / "docs" / "tutorials" / "publish.md"
    written = {block.value: block.text for block in blocks(page) if block.mark == "write"}
    code, about = written["towns.py"], written["seqgen-towns/pyproject.toml"]
    assert (ROOT / "examples" / "towns" / "towns.py").read_text(encoding="utf-8").endswith(code)
    lines = code.count("\n") + about.count("\n")
    assert lines < 35 and f"Two files and {lines} lines" in page.read_text(encoding="utf-8")
    given = tomllib.loads(about)["project"]
    assert given["dependencies"] == [f"seqgen>={seqgen.__version__[:3]},<0.2"]


def test_the_hook_page_names_every_field() -> None:
    text = (ROOT / "docs" / "reference" / "hook.md").read_text(encoding="utf-8")
    for field in fields(Domain):
        assert re.search(rf"`{field.name}[`(]", text), field.name


def test_the_api_page_has_every_public_name_and_no_other() -> None:
    text = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    listed = re.findall(r"^::: (\S+)\.(\w+)$", text, re.MULTILINE)
    assert sorted(name for _, name in listed) == sorted(seqgen.__all__)
    for module, name in listed:
        assert getattr(importlib.import_module(module), name) is getattr(seqgen, name)


def test_every_page_stands_in_the_navigation() -> None:
    """MkDocs warns of pages left out of it; this holds it where MkDocs is not installed."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("**/*.md"):
        assert f": {page.relative_to(ROOT / 'docs').as_posix()}\n" in navigation, page

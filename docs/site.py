"""MkDocs hook: the READMEs stand in the site too, and links lead where they do on disk."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
#: Page of the repository -> page of the site.
ADDED = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks/scripts.md",
    **{
        path.relative_to(ROOT).as_posix(): f"{room}/{path.parent.name}.md"
        for room in ("plugins", "examples")
        for path in sorted((ROOT / room).glob("*/README.md"))
    },
}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie outside docs/."""
    for source, page in ADDED.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=relinked(text, source, page)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Mend the links of a page of docs/ that lead out of it."""
    if page.file.src_uri in ADDED.values():
        return markdown
    return relinked(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)


def relinked(text: str, source: str, page: str) -> str:
    """The text of a page with links for the site; one to a file that is not in it becomes text."""

    def link(found: re.Match[str]) -> str:
        image, words, target, anchor = found.groups()
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        there = ADDED.get(path) or ADDED.get(f"{path}/README.md")
        if there is None and path.startswith("docs/"):
            there = path.removeprefix("docs/")
        if there is None:
            return words
        near = posixpath.relpath(there, posixpath.dirname(page) or ".")
        return f"{image}[{words}]({near}{anchor or ''})"

    return _LINK.sub(link, text)

"""MkDocs hook: adds the READMEs to the site, adapts their links, and lets the home page play."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
#: The solo of the home page as a picture, and the player that follows it. GitHub shows no player.
SOLO = "pictures/solo.png)"
PLAYER = '\n\n<audio controls src="audio/solo.mp3" style="width:100%"></audio>'
#: Page of the repository -> page of the site.
ADDED = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks/scripts.md",
    **{
        path.relative_to(ROOT).as_posix(): f"{folder}/{path.parent.name}.md"
        for folder in ("plugins", "examples")
        for path in sorted((ROOT / folder).glob("*/README.md"))
    },
}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages outside docs/, with a player on the home page."""
    for source, page in ADDED.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        content = adapt_links(text, source, page)
        if page == "index.md":
            content = content.replace(SOLO, SOLO + PLAYER, 1)
        files.append(File.generated(config, page, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Adapt the links of a page of docs/ that lead out of it."""
    if page.file.src_uri in ADDED.values():
        return markdown
    return adapt_links(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)


def adapt_links(text: str, source: str, page: str) -> str:
    """The text of a page with links for the site; a link to a missing file becomes text."""

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

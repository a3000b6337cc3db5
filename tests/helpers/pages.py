"""The fenced blocks of the documentation: which there are, and what runs them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PATTERNS = ("*.md", "docs/**/*.md", "examples/**/*.md", "plugins/*/README.md")
PAGES = sorted(page for pattern in _PATTERNS for page in ROOT.glob(pattern))
LANGUAGES = ("python", "sh", "toml", "text", "json", "yaml")
#: Settings that make a training take a second: added where the page does not give them.
ADDED = {"--epochs": "1", "--units": "8", "--embedding": "8"}
#: What a page asks for in hundreds of trainings' time: fewer do as well.
REDUCED = {**ADDED, "--folds": "2", "--seeds": "2"}
_FENCE = re.compile(
    r"(?:<!-- (\w+): ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the comment right before it, if any."""

    language: str
    text: str
    mark: str
    value: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [Block(language, text, mark, value) for mark, value, language, text in found]


def commands(block: Block) -> list[list[str]]:
    """The commands of a block as lists of words; comments and continued lines are understood."""
    lines = block.text.replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [part for line in words if line for part in _parted(line)]


def _parted(words: list[str]) -> list[list[str]]:
    """The commands of one line that ``&&`` joins."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == "&&":
            found.append([])
        else:
            found[-1].append(word)
    return found


def quickened(words: list[str]) -> list[str]:
    """A seqgen command with settings that make a training take a second."""
    if words[0] not in ("run", "train") or "--resume" in words:
        return words
    # A time limit is planned for several networks.
    more = ADDED | ({"--seeds": "1"} if "--minutes" in words else {})
    added = [word for flag in more.items() if flag[0] not in words for word in flag]
    before = ["", *words]
    return [
        *(REDUCED.get(flag, word) for flag, word in zip(before, words, strict=False)),
        *added,
    ]

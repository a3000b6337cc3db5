"""iReal links: the songs of irealb:// and irealbook:// links in any text, decoded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol, TypeVar, final
from urllib.parse import unquote

from seqgen import DataError

_LINK: Final = re.compile(r"(ireal(?:b|book))://([^\"'<>\s]+)", re.IGNORECASE)
_BARE: Final = re.compile(r"(ireal(?:b|book))://(.+)", re.IGNORECASE | re.DOTALL)
#: The prefix of the scrambled music of a song.
_SCRAMBLED: Final = "1r34LbKcu7"
_BLOCK: Final = 50
#: Abbreviations of frequent parts in scrambled music.
_ABBREVIATIONS: Final = (("Kcl", "| x"), ("LZ", " |"), ("XyQ", "   "))
_MAX_TITLES: Final = 12


class Titled(Protocol):
    """An object with a title."""

    @property
    def title(self) -> str: ...


_Song = TypeVar("_Song", bound=Titled)


@final
@dataclass(frozen=True, slots=True)
class IRealSong:
    """One song of a link; ``music`` is unscrambled, ``tempo`` is 0 if the song has none."""

    title: str
    composer: str
    style: str
    key: str
    tempo: int
    music: str


def contains_links(text: str) -> bool:
    """Whether a text contains at least one iReal link."""
    return _LINK.search(text) is not None


def read_songs(text: str) -> list[IRealSong]:
    """The songs of every link in a text: a link, a file of links or an exported page.

    Raises:
        DataError: There is no link, or one without a song.
    """
    bare = _BARE.fullmatch(text.strip())
    # A link that is the entire text may contain spaces.
    links = [bare] if bare and len(_LINK.findall(text)) == 1 else list(_LINK.finditer(text))
    songs: list[IRealSong] = []
    for link in links:
        body = unquote(html.unescape(link[2]))
        found = list(_songs(link[1].lower(), body))
        if not found:
            raise DataError(f"the link {link[0][:60]!r} contains no readable song")
        songs += found
    if not songs:
        raise DataError("it contains no irealb:// or irealbook:// link")
    return songs


def choose_song(songs: Sequence[_Song], title: str) -> _Song:
    """The song whose title contains ``title``, or the only song if that is empty.

    Raises:
        DataError: No song or several songs match; the message lists titles.
    """
    if not title:
        matches = list(songs)
    else:
        name = title.casefold().strip()
        exact = [song for song in songs if song.title.casefold() == name]
        matches = exact or [song for song in songs if name in song.title.casefold()]
    titles = sorted({song.title for song in (matches or songs)})
    if matches and len(titles) == 1:
        return matches[0]
    listed = ", ".join(map(repr, titles[:_MAX_TITLES]))
    more = f" and {len(titles) - _MAX_TITLES} more" if len(titles) > _MAX_TITLES else ""
    if title and not matches:
        raise DataError(f"there is no song {title!r} among {listed}{more}")
    raise DataError(f"it contains {len(matches)} songs; choose one with --song: {listed}{more}")


def descramble(music: str) -> str:
    """Unscramble the music of a song; the function is its own inverse.

    In each block of 50 characters but the last, the outer five characters on each side and 14 on
    each side of the middle are mirrored; before a rest of one character, a block is unchanged.
    """
    blocks = []
    while len(music) > _BLOCK:
        block, music = music[:_BLOCK], music[_BLOCK:]
        blocks.append(block if len(music) < 2 else _mirrored(block))
    return "".join([*blocks, music])


def _mirrored(block: str) -> str:
    turned, cuts = block[::-1], (0, 5, 10, 24, 26, 40, 45, 50)
    return "".join(
        (block if number % 2 else turned)[start:end]
        for number, (start, end) in enumerate(pairwise(cuts))
    )


def _songs(kind: str, body: str) -> Iterator[IRealSong]:
    parts = body.split("=")
    for place, part in enumerate(parts):
        if kind == "irealb" and place >= 6 and part.startswith(_SCRAMBLED):
            title, composer, _, style, key, _ = parts[place - 6 : place]
            tempo = parts[place + 2] if place + 2 < len(parts) else ""
            music = descramble(part.removeprefix(_SCRAMBLED))
            for short, long in _ABBREVIATIONS:
                music = music.replace(short, long)
        elif kind == "irealbook" and part == "n" and 4 <= place < len(parts) - 1:
            title, composer, style, key = parts[place - 4 : place]
            tempo, music = "", parts[place + 1]
        else:
            continue
        beats = int(tempo) if re.fullmatch(r"\d{1,3}", tempo) else 0
        yield IRealSong(title.strip(), composer.strip(), style.strip(), key.strip(), beats, music)

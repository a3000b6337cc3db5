"""iReal songs: irealb:// and irealbook:// links in any text, taken apart and put in order."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar, final
from urllib.parse import unquote

from seqgen import DataError

_LINK: Final = re.compile(r"(ireal(?:b|book))://([^\"'<>\s]+)", re.IGNORECASE)
_BARE: Final = re.compile(r"(ireal(?:b|book))://(.+)", re.IGNORECASE | re.DOTALL)
#: What the scrambled music of a song begins with.
_SCRAMBLED: Final = "1r34LbKcu7"
_BLOCK: Final = 50
#: What stands short for frequent parts in scrambled music.
_SHORT: Final = (("Kcl", "| x"), ("LZ", " |"), ("XyQ", "   "))
_MOST_NAMES: Final = 12


class Titled(Protocol):
    """Anything with a title."""

    @property
    def title(self) -> str: ...


_Song = TypeVar("_Song", bound=Titled)


@final
@dataclass(frozen=True, slots=True)
class IRealSong:
    """One song of a link; ``music`` is in plain cells, ``tempo`` 0 when none is given."""

    title: str
    composer: str
    style: str
    key: str
    tempo: int
    music: str


def holds_links(text: str) -> bool:
    """Whether a text holds at least one iReal link."""
    return _LINK.search(text) is not None


def read_songs(text: str) -> list[IRealSong]:
    """The songs of every link in a text: a link itself, a file of links or an exported page.

    Raises:
        DataError: There is no link, or one without a song.
    """
    bare = _BARE.fullmatch(text.strip())
    # A link that is the whole text may have spaces left in it.
    links = [bare] if bare and len(_LINK.findall(text)) == 1 else list(_LINK.finditer(text))
    songs: list[IRealSong] = []
    for link in links:
        body = unquote(html.unescape(link[2]))
        found = list(_songs(link[1].lower(), body))
        if not found:
            raise DataError(f"the link {link[0][:60]!r} holds no song that can be read")
        songs += found
    if not songs:
        raise DataError("there is no irealb:// or irealbook:// link in it")
    return songs


def choose_song(songs: Sequence[_Song], wanted: str) -> _Song:
    """The one song of a name, or the only one when no name is given.

    Raises:
        DataError: None or several fit; the message lists titles.
    """
    if not wanted:
        fitting = list(songs)
    else:
        name = wanted.casefold().strip()
        exact = [song for song in songs if song.title.casefold() == name]
        fitting = exact or [song for song in songs if name in song.title.casefold()]
    if len(fitting) == 1 or (fitting and len({song.title for song in fitting}) == 1):
        return fitting[0]
    titles = sorted({song.title for song in (fitting or songs)})
    listed = ", ".join(repr(title) for title in titles[:_MOST_NAMES])
    more = f" and {len(titles) - _MOST_NAMES} more" if len(titles) > _MOST_NAMES else ""
    if wanted and not fitting:
        raise DataError(f"there is no song {wanted!r} among {listed}{more}")
    raise DataError(f"it holds {len(fitting)} songs; say which with song: {listed}{more}")


def descramble(music: str) -> str:
    """Plain cells from the scrambled music of a song; doing it twice scrambles again.

    Of each block of 50 characters that is not the last, the outer five on each side and the
    14 beside the middle are mirrored; a rest of one character leaves the block before as it is.
    """
    blocks = []
    while len(music) > _BLOCK:
        block, music = music[:_BLOCK], music[_BLOCK:]
        blocks.append(block if len(music) < 2 else _mirrored(block))
    return "".join([*blocks, music])


def _mirrored(block: str) -> str:
    turned = block[::-1]
    return (
        turned[:5] + block[5:10] + turned[10:24] + block[24:26] + turned[26:40] + block[40:45]
    ) + turned[45:]


def _songs(kind: str, body: str) -> Iterator[IRealSong]:
    parts = body.split("=")
    for place, part in enumerate(parts):
        if kind == "irealb" and place >= 6 and part.startswith(_SCRAMBLED):
            title, composer, _, style, key, _ = parts[place - 6 : place]
            tempo = parts[place + 2] if place + 2 < len(parts) else ""
            music = descramble(part.removeprefix(_SCRAMBLED))
            for short, long in _SHORT:
                music = music.replace(short, long)
        elif kind == "irealbook" and part == "n" and 4 <= place < len(parts) - 1:
            title, composer, style, key = parts[place - 4 : place]
            tempo, music = "", parts[place + 1]
        else:
            continue
        beats = int(tempo) if re.fullmatch(r"\d{1,3}", tempo) else 0
        yield IRealSong(title.strip(), composer.strip(), style.strip(), key.strip(), beats, music)

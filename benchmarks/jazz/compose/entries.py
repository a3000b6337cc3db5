"""The table of the book: each solo with its form, key, tempo, range and characters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One solo of the book: several choruses over one form."""

    file: str
    title: str
    form: str
    key: str
    tempo: int
    characters: tuple[str, ...]
    centre: int = 64
    low: int = 48
    high: int = 80
    minor: bool = False
    meter: int = 4


#: One line per solo: file | title | form | key | tempo | the character of each chorus | centre |
#: range (default 48-80) | meter (default 4). Append new solos at the end: the seed of a solo
#: depends on its position.
TABLE = """
blues | Blues in F | blues | F | 168 | swing, bebop, double time | 65
blues | Blues in Bb | blues | Bb | 132 | riff, blues, bebop | 63 | 47-79
blues | Blues in C | plain blues | C | 112 | blues, riff, double time | 65
blues | Blues in Eb | bebop blues | Eb | 200 | bebop, swing, bebop | 64
blues | Blues in G | plain blues | G | 126 | riff, swing, blues | 65 | 49-80
minor_blues | Minor blues in C | minor blues | Cm | 144 | cool, bebop, blues | 64
minor_blues | Minor blues in F | minor blues | Fm | 176 | swing, bebop, double time | 65
minor_blues | Minor blues in G | dark minor blues | Gm | 120 | blues, double time, swing | 64
rhythm | Rhythm changes in Bb | rhythm | Bb | 208 | swing, bebop | 65
rhythm | Rhythm changes in Ab | rhythm | Ab | 184 | cool, bebop | 64
cycles | Falling ii-V-I in C | falling ii-V-I | C | 160 | bebop, swing, double time | 64
cycles | Falling ii-V-I in A | falling ii-V-I | A | 138 | cool, double time, bebop | 64
cycles | Cycle of fourths in Eb | cycle of fourths | Eb | 152 | swing, bebop, double time | 65
standards | Round the fifths in A minor | fifths | C | 150 | swing, bebop | 64
standards | Round the fifths in E minor | fifths | G | 178 | cool, bebop | 65
standards | Slow standard in Db | ballad changes | Db | 84 | cool, double time | 65
modal | Modal song in G dorian | dorian AABA | Gm | 164 | modal, modal | 64
modal | Two modes on D | two modes | Dm | 140 | modal, modal, modal | 65
bossa | Bossa in D | bossa | D | 136 | bossa, bossa | 65
bossa | Minor bossa in E | minor bossa | Em | 128 | bossa, bossa, bossa | 65
waltzes | Jazz waltz in G | waltz | G | 156 | cool | 65 |  | 3
waltzes | Minor waltz blues in D | waltz blues | Dm | 138 | swing, blues | 64 |  | 3
blues | Blues in Ab | blues | Ab | 190 | bebop, swing, double time | 64
blues | Blues in D | plain blues | D | 104 | blues, double time, riff | 64
blues | Blues in Db | bebop blues | Db | 220 | swing, bebop, bebop | 65
minor_blues | Minor blues in D | minor blues | Dm | 132 | blues, swing, double time | 64
minor_blues | Minor blues in A | dark minor blues | Am | 156 | cool, bebop, double time | 65
rhythm | Rhythm changes in F | rhythm | F | 232 | bebop, swing, bebop | 65
rhythm | Rhythm changes in Eb | rhythm | Eb | 172 | swing, double time, bebop | 64
cycles | Falling ii-V-I in E | falling ii-V-I | E | 176 | swing, bebop, double time | 65
cycles | Cycle of fourths in D | cycle of fourths | D | 126 | double time, cool, bebop | 64
standards | Round the fifths in G minor | fifths | Bb | 198 | bebop, swing, bebop | 65
standards | Slow standard in Bb | ballad changes | Bb | 72 | cool, double time, cool | 64
standards | Minor song in C | minor AABA | Cm | 152 | swing, cool, bebop | 65
standards | Sixteen bars in F | gospel sixteen | F | 140 | riff, swing, blues | 64
standards | Turning thirds in Eb | turning thirds | Eb | 186 | swing, bebop, double time | 65
modal | Modal song in E dorian | dorian AABA | Em | 188 | modal, modal | 64
modal | Two modes on F | two modes | Fm | 118 | modal, modal, modal | 64
bossa | Bossa in Ab | bossa | Ab | 144 | bossa, bossa | 65
bossa | Minor bossa in B | minor bossa | Bm | 132 | bossa, bossa, bossa | 64
waltzes | Jazz waltz in Eb | waltz | Eb | 172 | cool, swing | 65 | | 3
waltzes | Minor waltz blues in A | waltz blues | Am | 150 | blues, swing | 64 | | 3
"""


def _entry(line: str) -> Entry:
    file, title, form, key, tempo, characters, centre, *more = (c.strip() for c in line.split("|"))
    span, meter = (*more, "", "")[:2]
    low, high = (span or "48-80").split("-")
    return Entry(
        file,
        title,
        form,
        key.removesuffix("m"),
        int(tempo),
        tuple(name.strip() for name in characters.split(",")),
        int(centre),
        int(low),
        int(high),
        minor=key.endswith("m"),
        meter=int(meter or 4),
    )


BOOK = tuple(_entry(line) for line in TABLE.split("\n") if line)

"""iReal charts: links and pages are decoded, cells become beats, forms are written out."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.charts.ireal_chart import ireal_chart
from seqgen_jazz.charts.ireal_link import IRealSong, choose_song, descramble, read_songs
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.prompting.load_chart import read_chart

from seqgen import DataError

from .conditions import condition

#: Written for these tests.
BLUES = "*A{T44F7   |Bb7   |F7   |Kcl |Bb7 Bo7 |x  |C-7 F7 |N1Bb7   }         |N2Bb^7   Z "


def song(music: str, title: str = "A Tune", key: str = "F", tempo: str = "0") -> str:
    """A song as the app exports it."""
    short = music.replace("   ", "XyQ").replace(" |", "LZ")
    return f"{title}=Some One==Medium Swing={key}==1r34LbKcu7{descramble(short)}=Jazz={tempo}=3"


def make_link(*songs: str) -> str:
    return "irealb://" + quote("===".join([*songs, "My List"]))


def bars(music: str) -> list[str]:
    """Each bar in playing order as text."""
    chart = ireal_chart(IRealSong("T", "", "", "", 0, music))
    return [str(Chart((bar,))) if bar.changes else "/" for bar in chart.bars]


@given(st.text("ABC |-7^", max_size=170))
def test_descrambling_is_its_own_inverse(music: str) -> None:
    assert descramble(descramble(music)) == music
    assert sorted(descramble(music)) == sorted(music)


def test_a_scrambled_song_is_decoded_with_its_labels() -> None:
    (found,) = read_songs(make_link(song(BLUES, tempo="140")))
    chart = ireal_chart(found)
    assert (chart.title, chart.composer, chart.style) == ("A Tune", "Some One", "Medium Swing")
    assert (str(chart.key), chart.tempo) == ("F", 140)
    assert str(chart) == (
        "[A] F7 | Bb7 | F7 | % | Bb7 Bdim7 | % | Cm7 F7 | Bb7 | "
        "[A] F7 | Bb7 | F7 | % | Bb7 Bdim7 | % | Cm7 F7 | Bbmaj7"
    )
    assert parse_chart(chart.sheet).sections == ((0, "A"), (8, "A"))


def test_the_plain_link_of_the_documentation() -> None:
    text = "irealbook://Song Title=LastName FirstName=Style=Ab=n=T44*A{C^7 |A-7 |D-9 |G7#5 }"
    for source in (text, quote(text, safe=":/=")):
        chart = read_chart(source)[1]
        assert (chart.title, str(chart.key), chart.tempo) == ("Song Title", "Ab", None)
        assert [str(Chart((bar,))) for bar in chart.bars] == ["Cmaj7", "Am7", "Dm9", "G7#5"] * 2


@pytest.mark.parametrize(
    ("music", "played"),
    [
        ("T44C   |F   Z", ["C", "F"]),
        ("T44C F |C,F,G,A|C  F|CpGp|F,G,Z", ["C F", "C F G A", "C / / F", "C G", "F G"]),
        ("T34C   |C F |C F G Z", ["3/4: C", "3/4: C F", "3/4: C F G"]),
        ("T12C F |T68C F Z", ["12/8: C F", "6/8: C F"]),
        ("T54C F |CFG |C   Z", ["5/4: C F", "5/4: C / F G /", "5/4: C"]),
        ("T54C   F   |C F F   Z", ["5/4: C F", "5/4: C / F F /"]),
        ("T74C F |C  FZ", ["7/4: C F", "7/4: C / / / / F /"]),
        ("T64C F |C  F|CFG Z", ["6/4: C F", "6/4: C / / / F /", "6/4: C F G"]),
        ("T44CFG|CF |C F|C F G Z", ["C F G", "C F", "C / / F", "C F G"]),
        ("T98C F |C F G |T12C  F|", ["9/8: C F", "9/8: C F G", "12/8: C / / F"]),
        ("T68C F |C  F|C F G Z", ["6/8: C F", "6/8: C F", "6/8: C@1 F@1+24 G@2+12"]),
        ("T44C7   |x|r|D7   Z", ["C7", "C7", "C7", "C7", "D7"]),
        ("T44C7   |F7   |   r|    |D7   Z", ["C7", "F7", "C7", "F7", "D7"]),
        ("T44C F |T24x|T34x Z", ["C F", "2/4: C", "3/4: C"]),
        ("C   |D   <*18Fine>|E   <*66D.C. al Fine>Z", ["C", "D", "E", "C", "D"]),
        ("T44n   |C W/B |W/A   |    |pppFZ", ["N.C.", "C C/B", "C/A", "/", "/ / / F"]),
        ("T44C*-7b5*   |sF,l G,(D7)|A-^7<text>fYZ", ["Cm7b5", "F / / G", "Ammaj7"]),
        ("{C   <3x>}F   Z", ["C", "C", "C", "F"]),
        ("{C   |N1D   }     |N2E   }  |N3F   Z", ["C", "D", "C", "E", "C", "F"]),
        ("C   |D   <Fine>|E   <D.C. al Fine>Z", ["C", "D", "E", "C", "D"]),
        ("C   |D   <Fine>|E   <D.C.>Z", ["C", "D", "E", "C", "D"]),
        ("{*AC   |N1D   }|N2E   <Fine>][*BF   |G   <D.C. al 2nd ending>Z", [*"CDCEFGCE"]),
        ("{C   |N1D   <Fine>}|N2E   |F   <D.C.>Z", [*"CDCEFCEF"]),
        ("{C   |N1D   }   N2E   |F   <D.C. al 3rd End.>|N3G   Z", [*"CDCEFCG"]),
        ("A{SC   |N1F   }   N2G   |A   <D.S. al 3rd End>|N3B   |C   Z", [*"ACFCGACBC"]),
        ("{<3x>C7   |F7   }G7   |C7   Z", [*["C7", "F7"] * 3, "G7", "C7"]),
        ("{C   |D   <3x>|E   }{F   }{G   <4x>|A   }B   Z", [*"CDECDECDEFFGAGAGAGAB"]),
        ("C   |SD   |QE   |F   <D.S. al Coda>Z[QG   Z", ["C", "D", "E", "F", "D", "G"]),
        ("C   |D  Q|F   <D.C. al Coda>|QG   Z", ["C", "D", "F", "C", "D", "G"]),
        ("{C   |N1D   }|N2E   |<D.C. al 1st End.>F Z", ["C", "D", "C", "E", "F", "C", "D", "F"]),
        ("C   |D  Q|F   Z[QG   Z", ["C", "D", "F"]),
        ("C   |DU   |F   Z", ["C", "D"]),
    ],
)  # fmt: skip
def test_cells_signs_and_forms(music: str, played: list[str]) -> None:
    assert bars(music) == played


@pytest.mark.parametrize(
    ("words", "played"),
    [
        *((words, "CDEFCG") for words in ("D.C. al Coda", "d.c. al coda", "DC al Coda")),
        *((words, "CDEFCG") for words in ("D. C. AL CODA", "*66Da Capo al  Coda", "D.C. to coda")),
        *((words, "CDEFDG") for words in ("D.S. al Coda", "DS al coda", "dal segno al Coda")),
        *((words, "CDEFDE") for words in ("D.S. al Fine", "d.s. al FINE")),
        *((words, "CDEFCDE") for words in ("D.C. al Fine", "DC al fine", "Da capo al fine.")),
    ],
)
def test_jumps_are_parsed_in_any_spelling(words: str, played: str) -> None:
    """The coda sign is after C or after D, the coda is G, and Fine is at E."""
    fine, coda = ("<Fine>", " ") if "fine" in words.lower() else ("", "Q")
    first, second = (coda, "") if played.startswith("CDEFC") else ("", coda)
    music = f"C  {first}|SD  {second}|E  {fine}|F   <{words}>Z[{coda}G   Z"
    assert "".join(bars(music)[: len(played)]) == played
    assert ireal_chart(IRealSong("T", "", "", "", 0, music)).remarks == ()


@pytest.mark.parametrize("words", ["D.C. al 2nd End.", "d.c. al 2nd end", "DC al 2nd ending"])
def test_a_jump_to_an_ending_is_parsed_in_any_spelling(words: str) -> None:
    music = f"{{C   |N1D   }}|N2E   |F   <{words}>Z"
    assert "".join(bars(music)) == "CDCEFCEF"


@pytest.mark.parametrize(
    ("words", "remark"),
    [
        ("D.C. al Double Coda", "its direction 'D.C. al Double Coda' is read as D.C."),
        ("To Coda on cue", "its direction 'To Coda on cue' is not followed"),
        ("from the segno", "its direction 'from the segno' is not followed"),
        ("Solos", ""),
        ("D.C.", ""),
        ("Play it in DCM style", ""),
        ("bass: A D C", ""),
    ],
)
def test_a_direction_that_is_not_understood_is_a_remark(words: str, remark: str) -> None:
    remarks = ireal_chart(IRealSong("T", "", "", "", 0, f"C   |D   <{words}>Z")).remarks
    jump = "D.C." in words
    end = ("there is no Fine for its D.C.: the return is played up to that sign",) if jump else ()
    assert remarks == ((remark,) if remark else ()) + end


def test_a_missing_fine_is_a_remark() -> None:
    def remarks(music: str) -> tuple[str, ...]:
        return ireal_chart(IRealSong("T", "", "", "", 0, music)).remarks

    open_end = "{C   |N1D   }|N2E   |F   <D.C. al 2nd End>Z"
    words = "there is no Fine for its D.C. al 2nd End: the return is played to the last bar"
    assert remarks(open_end) == (words,)
    assert remarks(open_end.replace("|F", "<Fine>|F")) == ()
    assert remarks("{C   |N1D   }|N2E   |F   <D.C. al 3rd End>|N3G   Z") == ()
    assert remarks("C  <3x> |D   Z") == ("its direction '3x' is not followed",)


def test_parts_that_are_not_played_are_remarks() -> None:
    chart = ireal_chart(IRealSong("T", "", "", "", 0, "C   |D (E7)  |QF   |G   Z[QA   Z"))
    assert len(chart.bars) == 4
    assert chart.remarks == (
        "its alternate chords in brackets are skipped",
        "its coda is skipped: it follows only the last chorus",
    )


def test_a_page_with_several_songs_needs_a_title(tmp_path: Path) -> None:
    page = tmp_path / "list.html"
    both = make_link(song("T44C   Z", "First Tune"), song("T44F7   Z", "The Second", key="D-"))
    page.write_text(f'<html><a href="{both}">My List</a></html>', "utf-8")
    assert [found.title for found in read_songs(page.read_text())] == ["First Tune", "The Second"]
    with pytest.raises(DataError, match="2 songs; choose one with --song: 'First Tune', 'The"):
        read_chart(str(page))
    options = GenerationOptions(chart=str(page), song="second", choruses=2)
    assert str(condition(options).chart) == "F7 | %"
    assert str(read_chart(str(page), "THE SECOND")[1].key) == "Dm"
    with pytest.raises(DataError, match="no song 'third' among 'First Tune', 'The Second'"):
        read_chart(str(page), "third")


def test_fields_may_be_empty() -> None:
    (found,) = read_songs("irealb://" + quote("T===Swing=C==1r34LbKcu7T44C   Z==0=0==="))
    assert (found.title, found.composer, found.style, found.tempo) == ("T", "", "Swing", 0)


@pytest.mark.parametrize(
    ("music", "words"),
    [
        ("", "it has no bars"),
        ("x  |C Z", "bar 1 repeats the bar 1 bars before"),
        ("T44C,D,E,F,G,Z", "bar 1 has 5 chords in 4 beats"),
        ("T44C   |G7b2  Z", "bar 2.*column"),
        ("T44C   |H7   Z", "'H' has no meaning"),
        ("T40C   Z", "T40 is no meter"),
        ("C   <D.S. al Fine>Z", "no segno sign"),
        ("C   <D.C. al Fine>Z", "no fine sign"),
        ("C   <D.C. al Coda>Z", "no coda sign"),
        ("C   |N2F   Z", "bar 2 has ending 2, but endings count from 1"),
        ("C   |N1F   Z", "bar 2 is a first ending"),
        ("{C   |N1D   }|N2E   |F   |N3G   <D.C. al 3rd End>Z", "bar 5 has ending 3, but"),
    ],
)
def test_errors_name_the_song_and_the_bar(music: str, words: str) -> None:
    with pytest.raises(DataError, match=f"the iReal song 'T': .*{words}"):
        ireal_chart(IRealSong("T", "", "", "", 0, music))


@pytest.mark.parametrize(
    ("text", "song_name", "words"),
    [
        ("irealb://nothing", "", "contains no readable song"),
        ("C | F", "x", "the chart is plain text"),
        ("missing.html", "", "there is no chart file"),
        ("C |" * 40_000, "", "longer than 100,000"),
    ],
)
def test_unusable_sources_are_refused(text: str, song_name: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_chart(text, song_name)


SIGNS = (
    "T44 T34 T12 *A { } [ ] | Z N1 N2 C F7 Bb^7 G-7/D W W/E x r n p S Q U s l <Fine> "
    "<D.C.~al~Fine> <D.S.~al~Coda> <3x> (A7) Kcl H , Y f"
)


@given(st.lists(st.sampled_from(SIGNS.split()), max_size=30))
def test_any_cells_make_a_chart_or_the_error(signs: list[str]) -> None:
    music = " ".join(signs).replace("~", " ")
    try:
        chart = ireal_chart(IRealSong("T", "", "", "C", 0, music))
    except DataError as error:
        assert "the iReal song 'T'" in str(error)
    else:
        assert parse_chart(chart.sheet) == chart


@given(st.text(max_size=60))
def test_any_link_is_decoded_or_refused(text: str) -> None:
    try:
        songs = read_songs("irealb://" + text)
        ireal_chart(choose_song(songs, ""))
    except DataError as error:
        assert str(error)

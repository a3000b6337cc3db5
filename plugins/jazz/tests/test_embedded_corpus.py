"""The music that the plugin ships: complete, playable, composed here, near real solos, no copy."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from seqgen_jazz.corpus.corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation import pitch_metrics as pitches
from seqgen_jazz.evaluation import rhythm_metrics as rhythm
from seqgen_jazz.evaluation.copying import USUAL, passages
from seqgen_jazz.evaluation.reference_ranges import figures
from seqgen_jazz.evaluation.score_card import score_card
from seqgen_jazz.readers.abc import read_abc_text

from benchmarks.jazz.pooled_distributions import FAR_IOI, FAR_STEPS, IOI, STEPS, distance, shares

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "plugins" / "jazz" / "seqgen_jazz" / "data"
REAL = ROOT.parent / "shared" / "data" / "jazz" / "solos_midi"


@pytest.fixture(scope="module")
def solos() -> tuple[Solo, ...]:
    corpus = load_corpus(None)
    assert not corpus.skipped
    return corpus.items


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the folder ``benchmarks`` of the repository importable."""
    if not (ROOT / "benchmarks" / "jazz_compose").is_dir():
        pytest.skip("benchmarks/ is only in the repository, not beside an installed plugin")
    monkeypatch.syspath_prepend(str(ROOT))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.{name}")


def test_it_holds_the_forms_it_promises(solos: tuple[Solo, ...]) -> None:
    assert len(solos) == 112
    forms = {solo.chart.transpose(-solo.chart.changes[0][1].root % 12).bars for solo in solos}
    assert len(forms) == 19
    titles = [solo.title for solo in solos]
    assert len(set(titles)) == len(titles)
    names = Counter(re.sub(r", chorus \d+$", "", title) for title in titles)
    assert {"Blues in F", "Minor blues in C", "Rhythm changes in Bb", "Bossa in D"} <= set(names)
    for name, choruses in names.items():
        assert f"{name}, chorus {choruses}" in titles


def test_every_note_can_be_played_and_written(solos: tuple[Solo, ...]) -> None:
    for solo in solos:
        assert all(46 <= note.pitch <= 80 for note in solo.notes), solo.title
        assert all(a.end <= b.onset for a, b in pairwise(solo.notes)), solo.title
        assert solo.notes[-1].end <= solo.chart.ticks, solo.title
        ticks = [tick for note in solo.notes for tick in (note.onset, note.end)]
        assert all(tick % 4 == 0 or tick % 6 == 0 for tick in ticks), solo.title


def test_choruses_of_one_title_share_their_chart(solos: tuple[Solo, ...]) -> None:
    for before, after in pairwise(solos):
        if after.title.rsplit(",", 1)[0] == before.title.rsplit(",", 1)[0]:
            assert before.chart == after.chart


def test_phrases_begin_off_the_beat_more_often_than_on_it(solos: tuple[Solo, ...]) -> None:
    begins = [phrase[0].onset % 24 != 0 for solo in solos for phrase in rhythm.phrases(solo)]
    assert sum(begins) / len(begins) > 0.5


@pytest.mark.slow
@pytest.mark.usefixtures("benchmarks")
@pytest.mark.parametrize("name", ["waltzes", "modal"])
def test_composing_again_gives_the_same_bytes(name: str) -> None:
    book, notation = _module("jazz_compose.book"), _module("jazz_compose.notation")
    choruses = book.compose_book([entry for entry in book.BOOK if entry.file == name])
    tunes = [notation.write_tune(chorus, number) for number, chorus in enumerate(choruses, 1)]
    assert "\n".join(tunes).encode() == (DATA / f"{name}.abc").read_bytes()


@pytest.mark.slow
@pytest.mark.usefixtures("benchmarks")
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("form", "key", "character", "meter"),
    [
        ("plain blues", "F#", "double time", 4),
        ("minor bossa", "Db", "bossa", 4),
        ("waltz blues", "B", "blues", 3),
        ("bebop blues", "Gb", "riff", 4),
    ],
)
def test_what_is_read_is_what_was_composed(
    form: str, key: str, character: str, meter: int, seed: int
) -> None:
    book, notation = _module("jazz_compose.book"), _module("jazz_compose.notation")
    entry = book.Entry("x", "Test", form, key, 120, (character,), meter=meter)
    (chorus,) = book.compose_solo(entry, seed)
    (solo,) = read_abc_text(notation.write_tune(chorus, 1), "x").solos
    assert [(n.onset, n.duration, n.pitch) for n in solo.notes] == list(chorus.notes)
    width = meter * 24
    meant = [
        (bar * width + beat * 24, chord.root, chord.tones)
        for bar, changes in enumerate(chorus.form.bars)
        for beat, chord in changes
    ]
    read = [(tick, c.root, frozenset(c.chord_tones)) for tick, c in solo.chart.changes]
    assert read == meant


def test_no_two_choruses_share_more_than_real_solos_do(solos: tuple[Solo, ...]) -> None:
    """19 intervals in a row, or 10 with their rhythm: what 95 % of real solos stay below."""
    for place, most in enumerate(USUAL):
        owners: dict[tuple[int, ...], str] = {}
        for solo in solos:
            units = passages(solo)[place].units
            for at in range(len(units) - most):
                owner = owners.setdefault(tuple(units[at : at + most + 1]), solo.title)
                assert owner == solo.title, (owner, solo.title)


def test_the_score_card_finds_the_corpus_like_real_solos(solos: tuple[Solo, ...]) -> None:
    """Even chorus by chorus, all but what grows with the length of a solo and what performance
    shortens: a chorus of 12 bars has a smaller range and says fewer things again."""
    card = score_card([solo for solo in solos if solo.chart.bars[0].meter == (4, 4)])
    assert {row.name for row in card.outside} <= {
        "silence, all gaps (share)",
        "range (semitones)",
        "self-repetition (interval 4-grams)",
    }


@pytest.mark.usefixtures("benchmarks")
def test_every_figure_lies_in_the_band_of_real_solos(solos: tuple[Solo, ...]) -> None:
    bench = _module("jazz_corpus")
    joined = [solo for solo in bench.join_choruses(solos) if bench.in_four(solo)]
    means = bench.corpus_means(joined)
    outside = {row.name: means[row.key] for row in figures() if not row.holds(means[row.key])}
    assert outside == {}
    ioi = shares((t for s in joined for t in rhythm.inter_onsets(s)), IOI)
    steps = shares((i for s in joined for i in pitches.intervals(s)), STEPS)
    assert distance(ioi, IOI) <= FAR_IOI
    assert distance(steps, STEPS) <= FAR_STEPS


@pytest.mark.usefixtures("benchmarks")
def test_the_bands_refuse_other_music(solos: tuple[Solo, ...]) -> None:
    """The bands mean something: the same rhythms on pitches sorted upwards fall outside."""
    bench = _module("jazz_corpus")
    sorted_up = []
    for solo in bench.join_choruses(solos):
        rising = sorted(note.pitch for note in solo.notes)
        pairs = zip(solo.notes, rising, strict=True)
        notes = tuple(Note(note.onset, note.duration, pitch) for note, pitch in pairs)
        sorted_up.append(Solo(solo.chart, notes))
    means = bench.corpus_means(sorted_up)
    assert sum(not row.holds(means[row.key]) for row in figures()) > 5


@pytest.mark.usefixtures("benchmarks")
def test_no_line_is_a_copy_of_a_real_solo(
    solos: tuple[Solo, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not REAL.is_dir():
        pytest.skip("no real solos beside the repository (../shared/data/jazz/solos_midi)")
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path))
    bench = _module("jazz_corpus")
    real = [bench.passages(solo) for solo in load_corpus(REAL).items]
    for solo in bench.join_choruses(solos):
        ours = bench.passages(solo)
        assert pitches.longest_shared_run(ours[0], [steps for steps, _ in real]) <= 19
        assert pitches.longest_shared_run(ours[1], [pairs for _, pairs in real]) <= 10

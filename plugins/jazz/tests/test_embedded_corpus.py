"""The shipped solos: complete, playable, reproducible, like real solos, not copied."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation import metrics
from seqgen_jazz.evaluation.metrics import USUAL, passages, reference_ranges
from seqgen_jazz.evaluation.score_card import score_card
from seqgen_jazz.readers.abc import read_abc_text
from seqgen_jazz.readers.read_file import quantize_file

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
    if not (ROOT / "benchmarks" / "jazz" / "compose").is_dir():
        pytest.skip("benchmarks/ is only in the repository, not in an installed plugin")
    monkeypatch.syspath_prepend(str(ROOT))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.jazz.{name}")


def test_the_forms_and_titles(solos: tuple[Solo, ...]) -> None:
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
    begins = [phrase[0].onset % 24 != 0 for solo in solos for phrase in metrics.phrases(solo)]
    assert sum(begins) / len(begins) > 0.5


@pytest.mark.slow
@pytest.mark.usefixtures("benchmarks")
@pytest.mark.parametrize("name", ["waltzes", "modal"])
def test_composing_again_gives_the_same_bytes(name: str) -> None:
    book, notation = _module("compose.book"), _module("compose.notation")
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
def test_composed_notes_and_chords_are_read_back(
    form: str, key: str, character: str, meter: int, seed: int
) -> None:
    book, notation = _module("compose.book"), _module("compose.notation")
    entry = book.Entry("x", "Test", form, key, 120, (character,), meter=meter)
    (chorus,) = book.compose_solo(entry, seed)
    (solo,) = quantize_file(read_abc_text(notation.write_tune(chorus, 1), "x")).solos
    assert [(n.onset, n.duration, n.pitch) for n in solo.notes] == list(chorus.notes)
    width = meter * 24
    composed = [
        (bar * width + beat * 24, chord.root, chord.tones)
        for bar, changes in enumerate(chorus.form.bars)
        for beat, chord in changes
    ]
    read = [(tick, c.root, frozenset(c.chord_tones)) for tick, c in solo.chart.changes]
    assert read == composed


def test_no_two_choruses_share_more_than_real_solos_do(solos: tuple[Solo, ...]) -> None:
    """19 consecutive intervals, or 10 with their rhythm: the limit of 95 % of real solos."""
    for kind, most in enumerate(USUAL):
        owners: dict[tuple[int, ...], str] = {}
        for solo in solos:
            units = passages(solo)[kind].units
            for at in range(len(units) - most):
                owner = owners.setdefault(tuple(units[at : at + most + 1]), solo.title)
                assert owner == solo.title, (owner, solo.title)


def test_the_score_card_of_the_corpus_is_like_that_of_real_solos(solos: tuple[Solo, ...]) -> None:
    """For single choruses too, except metrics that grow with the length of a solo, and notes that
    are shorter in a performance: a chorus of 12 bars has a smaller range and less repetition."""
    card = score_card([solo for solo in solos if solo.chart.bars[0].meter == (4, 4)])
    assert {row.name for row in card.outside} <= {
        "silence, all gaps (share)",
        "range (semitones)",
        "self-repetition (interval 4-grams)",
    }


@pytest.mark.usefixtures("benchmarks")
def test_every_metric_is_in_the_range_of_real_solos(solos: tuple[Solo, ...]) -> None:
    bench = _module("corpus")
    joined = [solo for solo in bench.join_choruses(solos) if bench.in_four(solo)]
    means = bench.corpus_means(joined)
    outside = {
        row.name: means[row.key]
        for row in reference_ranges()
        if not row.contains_mean(means[row.key])
    }
    assert outside == {}
    times = bench.listed_shares(
        (ticks for solo in joined for ticks in metrics.inter_onsets(solo)), bench.REAL_TIMES
    )
    steps = bench.listed_shares(
        (step for solo in joined for step in metrics.intervals(solo)), bench.REAL_INTERVALS
    )
    assert bench.variation_distance(times, bench.REAL_TIMES) <= bench.MAX_TIMES
    assert bench.variation_distance(steps, bench.REAL_INTERVALS) <= bench.MAX_INTERVALS


@pytest.mark.usefixtures("benchmarks")
def test_sorted_pitches_are_outside_the_reference_ranges(solos: tuple[Solo, ...]) -> None:
    """The reference ranges reject the same rhythms with sorted pitches."""
    bench = _module("corpus")
    sorted_up = []
    for solo in bench.join_choruses(solos):
        rising = sorted(note.pitch for note in solo.notes)
        pairs = zip(solo.notes, rising, strict=True)
        notes = tuple(Note(note.onset, note.duration, pitch) for note, pitch in pairs)
        sorted_up.append(Solo(solo.chart, notes))
    means = bench.corpus_means(sorted_up)
    assert sum(not row.contains_mean(means[row.key]) for row in reference_ranges()) > 5


@pytest.mark.usefixtures("benchmarks")
def test_no_line_is_a_copy_of_a_real_solo(
    solos: tuple[Solo, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not REAL.is_dir():
        pytest.skip("no real solos next to the repository (../shared/data/jazz/solos_midi)")
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path))
    bench = _module("corpus")
    real = [metrics.passages(solo) for solo in load_corpus(REAL).items]
    for solo in bench.join_choruses(solos):
        for index, (ours, most) in enumerate(zip(metrics.passages(solo), (19, 10), strict=True)):
            others = [passages[index].units for passages in real]
            assert metrics.longest_shared_run(ours.units, others) <= most

"""Ranking: solos like real ones precede noise, and solos without notes are last."""

from __future__ import annotations

from random import Random

from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation.metrics import distance, rank_solos


def test_shipped_solos_precede_noise_and_silence() -> None:
    shipped = load_corpus(None).items[:4]
    rng = Random(0)
    chart = shipped[0].chart
    noise = Solo(chart, tuple(Note(t, 3, rng.randint(28, 100)) for t in range(0, chart.ticks, 6)))
    silence = Solo(parse_chart("C7"), ())
    solos = [silence, noise, *shipped]
    order = rank_solos(solos)
    assert sorted(order) == list(range(6)) and order[-2:] == [1, 0]
    found = [distance(solos[index]) for index in order]
    assert found == sorted(found) and found[0] >= 0 and found[-1] == 4.0


def test_ties_keep_their_order() -> None:
    (solo,) = load_corpus(None).items[:1]
    assert rank_solos([solo, solo, solo]) == [0, 1, 2]

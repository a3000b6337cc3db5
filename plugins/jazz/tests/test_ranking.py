"""Ranking: what is like real solos comes before noise, and what says nothing comes last."""

from __future__ import annotations

from random import Random

from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.corpus.corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation.ranking import distance, ranking


def test_shipped_solos_come_before_noise_and_silence() -> None:
    shipped = load_corpus(None).items[:4]
    rng = Random(0)
    chart = shipped[0].chart
    noise = Solo(chart, tuple(Note(t, 3, rng.randint(28, 100)) for t in range(0, chart.ticks, 6)))
    silence = Solo(parse_chart("C7"), ())
    solos = [silence, noise, *shipped]
    order = ranking(solos)
    assert sorted(order) == list(range(6)) and order[-2:] == [1, 0]
    found = [distance(solos[place]) for place in order]
    assert found == sorted(found) and found[0] >= 0 and found[-1] == 4.0


def test_equals_stay_in_their_order() -> None:
    (solo,) = load_corpus(None).items[:1]
    assert ranking([solo, solo, solo]) == [0, 1, 2]

"""CopyMeter: how much of an item is copied, and from which training item."""

from __future__ import annotations

from collections.abc import Sequence

from seqgen import Passages
from seqgen.evaluation.copying import MIN_COPIED_RUN, CopyMeter, copy_meters, describe_copying


def passages(units: Sequence[int], kind: str = "steps") -> Passages:
    """Numbers as units; positions count from 1."""
    return Passages(kind, units, lambda position: f"step {position + 1}", 3)


def test_the_meter_measures_how_much_is_copied_and_from_where() -> None:
    tune = list(range(20))
    meter = CopyMeter(["a.txt", "b.txt"], [passages([5, 5, 5]), passages(tune)])
    report = meter.measure(passages([90, 91, *tune[3:13], 92, 93, 7, 8]))
    assert (report.longest, report.units) == (10, 16)
    assert (report.here, report.there) == ("step 3", "b.txt, step 4")
    assert report.share == 10 / 16, "two units in a row do not count as copied"
    assert report.unusual and meter.longest(passages([5, 5])) == 2
    line = "10 in a row (95 % of real items: up to 3), step 3 like b.txt, step 4"
    assert line in describe_copying(report)


def test_a_run_counts_as_copied_from_the_minimum_length() -> None:
    meter = CopyMeter([""], [passages(range(MIN_COPIED_RUN))])
    assert meter.measure(passages(range(MIN_COPIED_RUN))).share == 1
    assert meter.measure(passages(range(MIN_COPIED_RUN - 1))).share == 0


def test_overlapping_runs_are_counted_once() -> None:
    first, second = list(range(10)), list(range(2, 12))
    meter = CopyMeter(["", ""], [passages(first), passages(second)])
    assert meter.measure(passages([*range(12), 99, 99, 99, 99])).share == 12 / 16


def test_nothing_shared() -> None:
    report = CopyMeter(["x"], [passages([1])]).measure(passages([2, 3]))
    assert (report.longest, report.here, report.there) == (0, "", "")
    assert "nothing shared" in describe_copying(report)
    assert CopyMeter([], []).measure(passages([])).share == 0


def test_each_kind_of_unit_has_a_meter() -> None:
    training = [
        [passages([1, 2]), passages([7, 8, 9], "beats")],
        [passages([3]), passages([], "beats")],
    ]
    meters = copy_meters(["a", "b"], training)
    assert list(meters) == ["steps", "beats"]
    assert meters["beats"].longest(passages([8, 9], "beats")) == 2

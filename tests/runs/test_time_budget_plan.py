"""The plan of --minutes: it fills the time, and is saved and followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Corpus, SeqgenError
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.choose_minutes_plan import FILLED, MOST_NETWORKS, Costs, draw_up
from seqgen.runs.dataset import prepare_data
from seqgen.runs.minutes_plan import (
    MOST_EPOCHS,
    NAME,
    Plan,
    PlannedTraining,
    apply_saved_plan,
    plan_key,
)
from seqgen.runs.presets import choose_preset, preset_named
from seqgen.runs.run_config import Run
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import PLANNED_SHARE, Deadline
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import text_domain
from ..helpers.runs import make_run

WORDS = ("abc", "ab", "cab", "bac", "abd", "ccc", "bca")
DOMAIN = text_domain(WORDS)
LOADED = LoadedDomain(DOMAIN, "tests", "1")
DATA = prepare_data(DOMAIN, Corpus(WORDS), TrainConfig())
#: Tokens that give each preset.
TOKENS = {"tiny": 10_000, "small": 100_000, "medium": 1_000_000}

EXECUTION = Execution("tensorflow", 8, False, 0)


def run_of(size: str = "tiny", preset: str | None = None, **settings: Any) -> Run:
    settings = {"minutes": 10.0, "folder": Path("none"), **settings}
    return make_run(LOADED, DATA, chosen=choose_preset(preset, TOKENS[size]), **settings)


def plan_of(run: Run, epoch: float, spent: float = 5.0, **costs: Any) -> Plan:
    """A plan on a machine where an epoch of units u takes ``epoch * (u / 128) ** 2`` seconds."""

    def costs_of(tried: Run) -> Costs:
        plain = {"start": 2.0, "finish": 1.0, "model": 1.0, "steps": 40, **costs}
        plain["execution"] = EXECUTION
        return Costs(epoch=epoch * (tried.config.model.units / 128) ** 2, **plain)

    return draw_up(run, costs_of, lambda: spent)


@given(st.sampled_from(sorted(TOKENS)), st.floats(0.05, 20), st.floats(1, 60))
def test_the_time_is_filled_with_epochs_of_any_length(
    size: str, epoch: float, minutes: float
) -> None:
    plan = plan_of(run_of(size, minutes=minutes), epoch)
    assert plan.expected_minutes <= minutes or plan.epochs == 1
    assert 1 <= plan.networks <= MOST_NETWORKS
    one = epoch * preset_named(plan.preset).settings["units"] ** 2 / 128**2 / 60
    # Within an epoch of every network, which is all that whole epochs allow.
    assert plan.expected_minutes > FILLED * minutes - plan.networks * one - 1e-6 or (
        plan.epochs == 1
    )
    if plan.networks > 1:
        assert plan.epochs >= preset_named(plan.preset).settings["epochs"]


def test_time_goes_into_networks_then_into_epochs() -> None:
    full = preset_named("tiny").settings["epochs"]
    found = [plan_of(run_of(minutes=minutes), 1.0) for minutes in (1, 2, 4, 6, 20)]
    assert [plan.networks for plan in found] == [1, 1, 2, 3, 3]
    assert found[0].epochs < full <= found[2].epochs <= found[3].epochs < found[4].epochs


def test_a_preset_that_is_too_slow_gives_way_to_a_smaller_one() -> None:
    fast, slow = plan_of(run_of("medium"), 1.0), plan_of(run_of("medium"), 16.0)
    assert (fast.preset, slow.preset) == ("medium", "tiny")
    assert slow.why == "medium would need more than 10 minutes"
    named = plan_of(run_of("tiny", preset="medium"), 16.0)
    assert (named.preset, named.epochs, named.networks) == ("medium", 8, 1)
    assert named.applied(run_of("tiny", preset="medium")).config.model.units == 256


def test_probing_ends_where_it_takes_too_long() -> None:
    seen: list[str] = []

    def costs_of(tried: Run) -> Costs:
        assert tried.config.preset is not None
        seen.append(tried.config.preset.preset.name)
        return Costs(start=1.0, epoch=300.0, finish=1.0, model=1.0, steps=10, execution=EXECUTION)

    plan = draw_up(run_of("medium"), costs_of, lambda: 200.0 * len(seen))
    assert seen == ["medium"] and (plan.preset, plan.epochs) == ("medium", 1)


def test_the_moving_average_fits_the_steps() -> None:
    few = plan_of(run_of("tiny", preset="medium"), 20.0)
    assert few.ema == pytest.approx(1 - 10 / (few.epochs * 40))
    assert plan_of(run_of(), 1.0).ema == preset_named("tiny").settings["ema"]
    assert plan_of(run_of(preset="medium", ema=0.999), 40.0).ema == 0.999
    assert plan_of(run_of(), 1000.0, steps=3).ema == 0.0


def test_settings_of_the_user_stay() -> None:
    plan = plan_of(run_of(seeds=5, epochs=9), 0.1)
    assert (plan.networks, plan.epochs) == (5, 9)
    applied = plan.applied(run_of(seeds=5, epochs=9, units=7)).config
    assert (applied.training.seeds, applied.training.epochs, applied.model.units) == (5, 9, 7)


def test_patience_is_ignored_unless_the_user_sets_it() -> None:
    domain = text_domain(WORDS, presets={"patience": 20})
    for settings, patience in (({}, MOST_EPOCHS), ({"patience": 3}, 3)):
        loaded = replace(LOADED, domain=domain)
        run = make_run(loaded, DATA, chosen=choose_preset(None, 1), minutes=10.0, **settings)
        assert plan_of(run, 1.0).applied(run).config.training.patience == patience


def test_presets_that_leave_nothing_to_choose_are_not_measured() -> None:
    whole = dict(preset_named("small").settings)
    domain = text_domain(WORDS, presets=whole)
    medium = choose_preset(None, TOKENS["medium"])
    seen: list[str] = []

    def measured(settings: dict[str, Any], presets: dict[str, Any]) -> list[str]:
        seen.clear()
        loaded = replace(LOADED, domain=replace(domain, presets=presets))
        run = make_run(loaded, DATA, chosen=medium, minutes=2.0, **settings)
        draw_up(run, costs_of, lambda: 1.0)
        return list(seen)

    def costs_of(tried: Run) -> Costs:
        assert tried.config.preset is not None
        seen.append(tried.config.preset.preset.name)
        return Costs(start=1.0, epoch=90.0, finish=1.0, model=1.0, steps=10, execution=EXECUTION)

    assert measured({}, whole) == ["medium"]
    del whole["patience"]  # set aside whatever it is
    assert measured({}, whole) == ["medium"]
    del whole["units"]
    assert measured({}, whole) == ["medium", "small", "tiny"]
    assert measured({"units": 9}, whole) == ["medium"]


def test_the_epochs_a_domain_recommends_do_not_bound_a_time(tmp_path: Path) -> None:
    """They left a third of two minutes unused, and would have left nine tenths of fifteen."""
    domain = text_domain(WORDS, presets={"epochs": 50})
    tiny = choose_preset(None, TOKENS["tiny"])
    loaded = replace(LOADED, domain=domain)
    free = make_run(loaded, DATA, tmp_path, tiny, minutes=10.0)
    plan = plan_of(free, 10.0)
    assert free.config.training.epochs == 50 and plan.epochs > 50
    assert PlannedTraining(plan, free).deadline(1, 0.0).max_epochs > 1000
    bound = make_run(loaded, DATA, tmp_path, tiny, minutes=10.0, epochs=50)
    assert plan_of(bound, 10.0).epochs == 50
    assert plan_key(free) != plan_key(bound)
    # The preset of another size keeps what is the user's.
    small = bound.config.with_preset(choose_preset("small", TOKENS["tiny"]))
    assert PlannedTraining(plan, replace(bound, config=small)).deadline(1, 0.0).max_epochs == 50


def test_a_plan_sets_all_settings_that_depend_on_time() -> None:
    run = run_of("medium")
    plan = plan_of(run, 3.0)
    applied = plan.applied(run).config
    assert applied.training.epochs == plan.epochs
    assert applied.training.patience >= 1000 * plan.epochs  # epochs may be added on the way
    assert applied.training.minutes == 10.0 and applied.preset is not None
    assert applied.preset.to_json() == {"name": plan.preset, "why": plan.why}
    assert plan.describe().startswith(f"preset {plan.preset}, ")
    assert "of the 10 minutes" in plan.describe()


def test_a_plan_is_used_for_its_configuration_only(tmp_path: Path) -> None:
    run = run_of(folder=tmp_path)
    key = plan_key(run)
    assert Plan.load(tmp_path, key) is None and apply_saved_plan(run) is run
    plan = plan_of(run, 1.0)
    plan.save(tmp_path)
    assert plan.key == key and Plan.load(tmp_path, key) == plan
    assert apply_saved_plan(run).config == plan.applied(run).config != run.config
    others = [
        run_of(folder=tmp_path, minutes=11.0),
        run_of(folder=tmp_path, units=9),
        run_of(folder=tmp_path, preset="tiny"),
        run_of(folder=tmp_path, seed=4),
        run_of(folder=tmp_path, epochs=run.config.training.epochs),
    ]
    for other in others:
        assert plan_key(other) != key
        assert apply_saved_plan(other) is other
    without = make_run(LOADED, DATA, tmp_path, choose_preset(None, 1))
    assert apply_saved_plan(without) is without, "no minutes, no plan"


@pytest.mark.parametrize("text", ['{"key": "k"}', "[]", '{"key": "k", "more": 1}'])
def test_a_damaged_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(SeqgenError, match=r"plan\.json is damaged .*delete it to plan"):
        Plan.load(tmp_path, "k")


def test_a_plan_with_earlier_names_is_read(tmp_path: Path) -> None:
    plan = plan_of(run_of(), 1.0)
    plan.save(tmp_path)
    text = (tmp_path / NAME).read_text()
    text = text.replace('"steps_per_call"', '"at_once"').replace('"max_lengths"', '"lengths"')
    (tmp_path / NAME).write_text(text)
    assert Plan.load(tmp_path, plan.key) == plan


def test_a_plan_out_of_range_is_damaged(tmp_path: Path) -> None:
    replace(plan_of(run_of(), 1.0), epochs=0).save(tmp_path)
    with pytest.raises(SeqgenError, match="epochs must be >= 1, was 0"):
        Plan.load(tmp_path, "key")


@given(st.integers(1, 400), st.floats(0.05, 30), st.floats(0.2, 5.0), st.floats(60, 2000))
def test_a_deadline_finds_the_epochs_that_fill_the_time(
    planned: int, each: float, first: float, seconds: float
) -> None:
    """With any planned number; the first epoch takes longer than the others."""
    changes: dict[int, int] = {}
    deadline = Deadline(seconds, on_change=changes.__setitem__)
    ends: list[float] = []
    while len(ends) < planned and (not ends or ends[-1] < seconds):
        ends.append((ends[-1] if ends else first) + each)
        if len(ends) < planned:
            planned = deadline.adapt_epochs(planned, ends)
    if len(ends) > 2:
        assert ends[-1] <= max(seconds, ends[1])
        # A tenth of what is left is not worth a change.
        assert ends[-1] >= 0.88 * PLANNED_SHARE * seconds - 3 * each
    assert len(changes) <= 2, "nothing changed on the machine"
    replayed = Deadline(seconds, changes, frozen=True)
    for done, epochs in changes.items():
        assert replayed.adapt_epochs(5, [0.0] * done) == epochs
    assert replayed.adapt_epochs(7, ends[:1]) == 7


def test_a_deadline_keeps_to_the_most_epochs_and_stops_at_its_time() -> None:
    deadline = Deadline(100.0, max_epochs=30)
    assert deadline.adapt_epochs(20, [1.0, 2.0]) == 30
    assert deadline.adapt_epochs(20, [60.0, 99.0]) == 2, "no other one fits"
    assert deadline.is_over(100.0) and not deadline.is_over(99.9)


def test_changes_are_saved_until_the_plan_is_settled(tmp_path: Path) -> None:
    plan = replace(plan_of(run_of(seeds=2), 1.0), training_seconds=100.0)
    planned = PlannedTraining(plan, run_of(folder=tmp_path, epochs=50))
    first = planned.deadline(1, 0.0)
    assert first.seconds == 50.0 and first.max_epochs == 50
    assert first.adapt_epochs(20, [5.0, 10.0]) == 9
    second = planned.deadline(2, 30.0)
    assert second.seconds == 70.0 and second.changes == {}
    kept = Plan.load(tmp_path, plan.key)
    assert kept is not None and kept.changes == planned.plan.changes and not kept.settled
    again = PlannedTraining(kept, run_of(folder=tmp_path)).deadline(1, 0.0)
    assert again.adapt_epochs(20, [0.1, 0.2]) == 9, "what was decided stays"
    planned.settle()
    done = Plan.load(tmp_path, plan.key)
    assert done is not None and done.settled
    assert (
        PlannedTraining(done, run_of(folder=tmp_path))
        .deadline(2, 0.0)
        .adapt_epochs(20, [9.0, 90.0])
        == 20
    )

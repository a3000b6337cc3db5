"""One model in several threads, and pickled models in other processes."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import seqgen as sg
from seqgen.errors import PluginError
from seqgen.inference.open_model import limit_blas_threads
from seqgen.registry.installed_plugins import LoadedDomain, load_domain

from ..conftest import Install, Run
from ..helpers.fakes import model_by_hand
from ..helpers.plugin_code import GOOD

THREADS = 8
#: A domain whose functions cannot be pickled and whose encoder is a class of the file.
BIRDS = """
import seqgen

class Letters(seqgen.CharEncoder):
    pass

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name="birds", summary="Birds", encoder=Letters,
        corpus=lambda source, options: seqgen.read_items(source),
    )
"""
UNPICKLE = (
    "import pickle, sys; m = pickle.load(open(sys.argv[1], 'rb')); print(*m.generate(6).texts)"
)


def birds(tmp_path: Path) -> sg.Model[str]:
    """A model of a domain file, without a model file."""
    file = tmp_path / "birds.py"
    file.write_text(BIRDS)
    loaded = load_domain(str(file))
    return sg.Model(loaded, model_by_hand(loaded, ["heron", "hawk", "raven", "wren"] * 9))


def in_threads(work: Callable[[int], Any]) -> list[Any]:
    """The results of as many calls as there are threads, which start at the same time."""
    barrier = Barrier(THREADS)

    def call(number: int) -> Any:
        barrier.wait(timeout=60)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(call, range(THREADS)))


@pytest.mark.parametrize("name", ["dinos_model", "jazz_model"])
def test_threads_do_not_change_items(request: pytest.FixtureRequest, name: str) -> None:
    path = request.getfixturevalue(name)
    model = sg.load(path)
    found = in_threads(lambda number: model.generate(3, seed=number % 2, max_tokens=40).texts)
    expected = [sg.load(path).generate(3, seed=seed, max_tokens=40).texts for seed in (0, 1)]
    assert found == expected * (THREADS // 2)


def test_threads_stream_and_score(dinos_model: Path) -> None:
    model, other = sg.load(dinos_model), sg.load(dinos_model)
    expected = other.score(other.generate(4, seed=1))

    def work(_: int) -> list[float]:
        items = list(model.stream(stop=4, seed=1))
        return [float(nats.sum()) for nats in model.score(items)]

    assert in_threads(work) == [[float(nats.sum()) for nats in expected]] * THREADS


def blas_threads() -> list[int]:
    return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]


def test_the_limit_of_blas_threads_ends_with_the_last_call() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        first, second = limit_blas_threads(), limit_blas_threads()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(blas_threads()) == {1}, "the second call is not finished"
        second.__exit__(None, None, None)
        assert blas_threads() == before


@pytest.mark.slow
def test_a_model_of_a_domain_file_is_unpickled_elsewhere(tmp_path: Path, python: Run) -> None:
    model = birds(tmp_path)
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    answer = python("-c", UNPICKLE, str(tmp_path / "model.pickle"))
    assert answer.code == 0, answer.err
    assert answer.out.split() == [item.text for item in model.generate(6)]


def test_unpickled_items_have_the_classes_of_this_process(tmp_path: Path) -> None:
    model = birds(tmp_path)
    again = pickle.loads(pickle.dumps(model))
    assert type(again.trained.encoder) is type(model.trained.encoder)
    assert again.generate(3).texts == model.generate(3).texts


def test_an_edited_domain_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = birds(tmp_path)
    content = pickle.dumps(model)
    assert model.loaded.file is not None
    model.loaded.file.write_text(BIRDS.replace("Birds", "Birds of prey"))
    monkeypatch.delitem(sys.modules, f"_seqgen_file_{model.loaded.version}")
    with pytest.raises(PluginError, match=r"was birds\.py \w+ when this object was pickled"):
        pickle.loads(content)


def test_a_domain_of_a_plugin_is_pickled_by_name(install: Install) -> None:
    install(GOOD.format(name="birds"))
    loaded = load_domain("birds")
    again = pickle.loads(pickle.dumps(loaded))
    assert (again.domain.name, again.distribution, again.version) == (
        "birds",
        "seqgen-birds",
        "1.5",
    )


def test_a_domain_object_is_pickled_by_value() -> None:
    domain = sg.Domain(name="own", summary="Own", corpus=own_corpus, encoder=sg.CharEncoder)
    loaded = LoadedDomain(domain, __name__, "1")
    assert pickle.loads(pickle.dumps(loaded)) == loaded


def own_corpus(source: Path | None, options: sg.NoOptions) -> list[str]:
    return ["a", "b", "c"]

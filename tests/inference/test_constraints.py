"""--match, --novel, --prompt and the cost of a guide, for every domain alike."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqgen import SeqgenError
from seqgen.domains.domain import Domain
from seqgen.domains.encoder import is_novel
from seqgen.inference.item_generator import LENGTH_FACTOR, ItemGenerator
from seqgen.models.model_file import TrainedModel, load_model, save_model
from seqgen.registry.installed_plugins import LoadedDomain, load_domain

from ..conftest import Run
from ..helpers.fakes import SpellingModel, dino_names, dinos, model_by_hand, text_domain
from ..helpers.generators import item_generator

WORDS = ("ab", "ba", "aab", "abb", "bab", "bba", "baa", "aba", "bb", "aa")


def trained(domain: Domain) -> TrainedModel:
    """A model by hand of ten short words."""
    return model_by_hand(LoadedDomain(domain, "tests", "1"), WORDS)


def run(model: TrainedModel, **settings: Any) -> ItemGenerator:
    """A generator of a domain of words without a guide of its own."""
    return item_generator(text_domain(WORDS), model, **settings)


def samples(out: str) -> list[dict[str, Any]]:
    """The objects of ``--json``."""
    return [json.loads(line) for line in out.splitlines()]


def texts(run: ItemGenerator, number: int = 40) -> list[str]:
    """The first items, each ended as it should."""
    items = list(run.first(number))
    assert {item.sample.finish_reason for item in items} == {"end"}
    return [item.text for item in items]


@pytest.mark.parametrize("pattern", ["a.*b", "(ab){2,3}", "[^a]+", "", "b?"])
def test_every_item_matches(pattern: str) -> None:
    found = texts(run(trained(text_domain(WORDS)), match=pattern))
    assert not pattern or all(re.fullmatch(pattern, text) for text in found)


def test_lengths_are_looked_ahead_with_the_pattern() -> None:
    model = trained(text_domain(WORDS))
    found = texts(run(model, match="(aab)*b?", min_tokens=4, max_tokens=7))
    assert set(found) == {"aabb", "aabaab", "aabaabb"}
    # Unbounded by itself, so the default bound holds; what ends by itself needs none.
    default = LENGTH_FACTOR * 3
    assert max(map(len, texts(run(model, match="a*"), 300))) <= default
    assert texts(run(model, match=f"a{{{default + 9}}}"), 1) == ["a" * (default + 9)]


@pytest.mark.parametrize(
    ("pattern", "settings", "words"),
    [
        ("a(", {}, "pattern 'a(', column 2: this ( is never closed"),
        ("ax", {}, "column 2: unknown symbol 'x'; nearest known: 'b', 'a'"),
        ("a+", {"max_tokens": 3, "min_tokens": 3, "ban": ""}, ""),
        ("ab", {"min_tokens": 3}, "no item of at least 3 tokens satisfies"),
        (".{20}.*", {}, "max_tokens 12, the default; set --max-tokens"),
        ("a{9}", {"max_tokens": 4}, "pattern 'a{9}' with max_tokens 4: no item of 0 to 4 tokens"),
    ],
)
def test_an_impossible_pattern_is_refused(
    pattern: str, settings: dict[str, Any], words: str
) -> None:
    model = trained(text_domain(WORDS))
    if not words:
        assert set(texts(run(model, match=pattern, **settings))) == {"aaa"}
        return
    with pytest.raises(SeqgenError, match=re.escape(words)):
        run(model, match=pattern, **settings)


def test_the_pattern_goes_with_the_wishes_of_the_domain(seqgen: Run, dinos_model: Path) -> None:
    flags = ("--match", ".*(us|ops)", "--starts-with", "tri", "--max-length", 9, "--prompt", "tric")
    found = samples(seqgen("generate", dinos_model, "-n", 20, "--json", *flags).out)
    for sample in found:
        assert re.fullmatch("Tric.*(us|ops)", sample["text"]) and len(sample["text"]) <= 9
        assert sample["finish_reason"] == "end"
    answer = seqgen("generate", dinos_model, "--match", "a.*", "--starts-with", "b")
    assert answer.code == 1 and "no item of 1 to 40 tokens satisfies all" in answer.err
    answer = seqgen("generate", dinos_model, "--match", "a.*", "--prompt", "b")
    assert answer.code == 1 and "the prompt cannot continue with 'b' at token 1" in answer.err


def test_a_pattern_over_the_symbols_of_jazz(seqgen: Run, jazz_model: Path) -> None:
    flags = ("--match", "<R>.*", "--json", "--only", 3)
    (sample,) = samples(seqgen("generate", jazz_model, *flags).out)
    symbols = load_model(jazz_model, load_domain("jazz")).encoder.vocabulary.symbols
    assert symbols[sample["receipt"]["tokens"][0]] == "R" and sample["finish_reason"] == "end"
    answer = seqgen("generate", jazz_model, "--match", "<d:13>")
    assert answer.code == 1 and "unknown symbol 'd:13'; nearest known: 'd:3'" in answer.err
    dead = seqgen("generate", jazz_model, "--match", "<R>.", "-n", 2)
    assert "(dead_end)" not in dead.out, "marks are for a terminal"
    assert "2 of 2 items ended in a dead end" in dead.err


def test_incomplete_items_are_reported(seqgen: Run, dinos_model: Path) -> None:
    cut = seqgen("generate", dinos_model, "-n", 3, "--max-tokens", 2)
    made = samples(seqgen("generate", dinos_model, "-n", 3, "--max-tokens", 2, "--json").out)
    count = sum(sample["finish_reason"] == "length" for sample in made)
    assert count and f"{count} of 3 items were cut at 2 tokens" in cut.err
    whole = seqgen("generate", dinos_model, "-n", 3)
    assert "cut at" not in whole.err and "dead end" not in whole.err
    dead = seqgen("generate", dinos_model, "-n", 2, "--starts-with", "tri", "--ban", "i")
    assert "2 of 2 items ended in a dead end" in dead.err
    assert "no look-ahead avoids this for --ban" in dead.err
    asked = seqgen("generate", dinos_model, "-n", 5, "--starts-with", "tr", "--match", "[^i]{8,}")
    assert asked.out.count("\n") == 5 and "cut at" not in asked.err and "end" not in asked.err


def test_novel_is_exact_and_throws_nothing_away() -> None:
    model = trained(text_domain(WORDS))
    one = run(model, novel=True, max_tokens=4)
    items = list(one.first(200))
    assert not one.rejects and [item.sample.index for item in items] == list(range(200))
    assert all(item.novel for item in items)
    plain = run(model, max_tokens=4).items(range(200))
    assert not all(item.novel for item in plain)
    alone = next(run(model, novel=True, max_tokens=4).items([77]))
    assert alone.sample.tokens == items[77].sample.tokens


def test_a_model_that_repeats_its_data_is_led_elsewhere() -> None:
    model = trained(text_domain(WORDS))
    known = model.training_items()
    assert known is not None
    word = next(item.tolist() for item in known if len(item) == 3)
    parrot = replace(model, networks=(SpellingModel(word, 3),))  # type: ignore[arg-type]
    found = texts(run(parrot, novel=True), 20)
    assert all(is_novel(model.encoder.prompt(text), model.training_hashes) for text in found)


def test_a_cut_item_that_is_known_is_rejected() -> None:
    model = trained(text_domain(WORDS))
    items = list(run(model, novel=True, max_tokens=2).first(30))
    assert all(item.novel for item in items)
    assert [item.sample.index for item in items] != list(range(30)), "some were cut, and known"


def test_nothing_new_is_left(seqgen: Run, dinos_model: Path) -> None:
    known = load_model(dinos_model, dinos()).training_items()
    assert known is not None
    name = "".join("abcdefghijklmnopqrstuvwxyz"[token] for token in known[0])
    flags = ("--starts-with", name, "--max-length", len(name))
    answer = seqgen("generate", dinos_model, "--novel", *flags)
    assert answer.code == 1 and "every allowed item is forbidden" in answer.err
    assert seqgen("generate", dinos_model, *flags, "-n", 1).code == 0


def test_without_training_items_novel_rejects_known_items(
    seqgen: Run, tmp_path: Path, dinos_model: Path
) -> None:
    path = tmp_path / "old.safetensors"
    save_model(path, replace(model_by_hand(dinos(), dino_names()), training_arrays={}))
    answer = seqgen("generate", path, "--novel", "-n", 3, "--json")
    assert answer.code == 0 and len(answer.out.splitlines()) == 3
    assert "does not contain its training items" in answer.err
    assert "--novel generates items and rejects known ones" in answer.err
    assert "3 of 3 items satisfied the constraints (100.00 %)" in answer.err
    assert "does not contain" not in seqgen("generate", dinos_model, "--novel").err
    for name, words in ((path, "hashes only"), (dinos_model, "the training items themselves")):
        assert words in seqgen("inspect", name).out


def test_the_influence_of_the_guide_is_reported(seqgen: Run, dinos_model: Path) -> None:
    flags = ("-n", 5, "--starts-with", "tri")
    answer = seqgen("generate", dinos_model, *flags)
    found = samples(seqgen("generate", dinos_model, *flags, "--json").out)
    mean = sum(sample["masked"] for sample in found) / 5
    assert answer.err == f"the guide took away {mean:.1f} nats an item on average\n"
    assert mean > 1 and len(answer.out.splitlines()) == 5
    assert seqgen("generate", dinos_model, *flags, "--json").err == ""


def test_no_notice_without_influence_of_the_guide(seqgen: Run, tmp_path: Path) -> None:
    file = Path(__file__).parents[2] / "examples" / "towns" / "towns.py"
    loaded, path = load_domain(str(file)), tmp_path / "towns.safetensors"
    save_model(path, model_by_hand(loaded, list(loaded.domain.corpus(None, None))))  # type: ignore[arg-type]
    assert "took away" not in seqgen("generate", path, "--domain", file).err
    asked = seqgen("generate", path, "--domain", file, "--match", ".{4}")
    assert "the guide took away" in asked.err
    assert all(len(line) == 4 for line in asked.out.splitlines())


@pytest.mark.parametrize(
    ("prompt", "symbols"),
    [("R d:6", ["R", "d:6"]), ("R  d:12  8-", ["R", "d:12", "8-"]), ("", [])],
)
def test_prompts_of_jazz(seqgen: Run, jazz_model: Path, prompt: str, symbols: list[str]) -> None:
    answer = seqgen("generate", jazz_model, "--only", 0, "--json", "--prompt", prompt)
    assert answer.code == 0, answer.err
    (sample,) = samples(answer.out)
    known = load_model(jazz_model, load_domain("jazz")).encoder.vocabulary.symbols
    tokens = [known[token] for token in sample["receipt"]["tokens"]]
    assert tokens[: len(symbols)] == symbols and len(tokens) > len(symbols)


@pytest.mark.parametrize(
    ("model", "prompt", "words"),
    [
        ("jazz", "R d:13", "unknown symbol 'd:13'; nearest known: 'd:3', 'd:1', 'd:36'"),
        ("jazz", "R R", "the prompt cannot continue with 'R' at token 2"),
        ("dinos", "tri-", "unknown symbol '-'; nearest known: 'a', 'b', 'c' (in 'tri-')"),
        ("dinos", "a" * 41, "the prompt has 41 tokens, more than the 40 allowed"),
    ],
)
def test_prompts_that_cannot_be(
    seqgen: Run, dinos_model: Path, jazz_model: Path, model: str, prompt: str, words: str
) -> None:
    path = dinos_model if model == "dinos" else jazz_model
    answer = seqgen("generate", path, "--prompt", prompt)
    assert (answer.code, answer.out) == (1, "") and words in answer.err

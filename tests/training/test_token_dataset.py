"""TokenDataset: items are read unchanged, subsets, write errors, released memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Encoded, SeqgenError
from seqgen.training.token_dataset import TokenDataset

from ..helpers.fakes import letters

LETTERS = letters("abcdef").vocabulary


TOKENS = st.lists(st.lists(st.integers(0, 5), max_size=9), min_size=1, max_size=12)


def entry(tokens: list[int], context: bool, condition: object) -> Encoded:
    rows = np.arange(2 * (len(tokens) + 1), dtype=np.int32).reshape(-1, 2) if context else None
    return Encoded(np.array(tokens, np.int32), rows, condition)


def same(one: Encoded, other: Encoded) -> bool:
    """Whether two items are equal, including the types of the arrays."""
    contexts = [part.context for part in (one, other)]
    return (
        np.array_equal(one.tokens, other.tokens)
        and one.tokens.dtype == other.tokens.dtype == np.int32
        and one.condition == other.condition
        and (None in contexts if contexts[0] is None else np.array_equal(*contexts))  # type: ignore[arg-type]
    )


@given(TOKENS, st.booleans(), st.data())
def test_items_and_subsets_are_read_unchanged(
    tokens: list[list[int]], context: bool, data: st.DataObject
) -> None:
    conditions = data.draw(st.lists(st.sampled_from([None, "C7"]), min_size=12, max_size=12))
    items = [entry(t, context, c) for t, c in zip(tokens, conditions, strict=False)]
    dataset = TokenDataset(iter(items), LETTERS)
    assert len(dataset) == len(items)
    assert all(same(one, other) for one, other in zip(dataset, items, strict=True))
    assert dataset.lengths.tolist() == [len(t) for t in tokens]
    assert [t.tolist() for t in dataset.tokens] == tokens
    indices = data.draw(st.lists(st.sampled_from(range(len(tokens)))))
    part = dataset.subset(indices)
    assert all(same(one, items[k]) for one, k in zip(part, indices, strict=True))
    assert part.lengths.tolist() == [len(tokens[k]) for k in indices]
    assert [e.tokens.tolist() for e in part[1:4]] == [tokens[k] for k in indices[1:4]]
    dataset.release()
    assert all(same(one, other) for one, other in zip(dataset, items, strict=True))
    inner = part.subset(range(len(indices))[::-1])
    assert [e.tokens.tolist() for e in inner] == [tokens[k] for k in reversed(indices)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on file sizes")
@pytest.mark.parametrize("length", [10, 8000, 100_000])
def test_a_full_disk_is_an_error(tmp_path: Path, length: int) -> None:
    """A limit on file sizes simulates the disk: exceeded in the last flush, and in a write."""
    code = f"""
import resource, signal, numpy as np
from pathlib import Path
from seqgen import Encoded
from seqgen import SeqgenError
from seqgen import Vocabulary
from seqgen.training.token_dataset import TokenDataset
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
items = [Encoded(np.zeros({length}, np.int32), np.zeros(({length} + 1, 1), np.int32))]
try:
    print(TokenDataset(items, Vocabulary(("a", "b")), Path({str(tmp_path)!r})).lengths)
except SeqgenError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if length == 10:
        assert done.stdout == f"[{length}]\n", "it fits"
    else:
        assert done.stdout.startswith(f"cannot write the training tokens to {tmp_path}: ")
        assert "TMPDIR" in done.stdout
    assert done.stderr == "" and list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeqgenError, match=r"cannot write the training tokens to .*missing"):
        TokenDataset([], LETTERS, tmp_path / "missing")


def test_an_error_of_the_items_is_unchanged(tmp_path: Path) -> None:
    def items() -> Iterator[Encoded]:
        yield Encoded(np.array([0, 1], np.int32))
        raise FileNotFoundError("the corpus is gone")

    with pytest.raises(FileNotFoundError, match="is gone"):
        TokenDataset(items(), LETTERS, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_memory_is_released(tmp_path: Path) -> None:
    """In its own process: 16 MiB of tokens are resident after reading, and not after release."""
    code = f"""
import numpy as np
from pathlib import Path
from seqgen import Encoded
from seqgen import Vocabulary
from seqgen.training.token_dataset import TokenDataset

def mapped():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssFile")).split()[1])

item = Encoded(np.zeros(1 << 20, np.int32))
dataset = TokenDataset([item] * 16, Vocabulary(("a", "b")), Path({str(tmp_path)!r}))
found = [mapped()]
for act in (lambda: [dataset[index] for index in range(16)], dataset.release):
    act()
    found.append(mapped())
print(*found)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, read, released = map(int, done.stdout.split())
    assert read - before > 15 * 1024, "reading makes it resident"
    assert released - before < 1024

"""The store of tokens: whose errors are told, and whose pass as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from seqgen import Encoded, SeqgenError
from seqgen.training.token_dataset import TokenStore

from ..helpers.fakes import letters

VOCABULARY = letters("abcd").vocabulary


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on file sizes")
@pytest.mark.parametrize("length", [10, 8000, 100_000])
def test_a_full_disk_is_told(tmp_path: Path, length: int) -> None:
    """A limit on file sizes stands for the disk: met in the last flush, and in a write."""
    code = f"""
import resource, signal, numpy as np
from pathlib import Path
from seqgen import Encoded
from seqgen import SeqgenError
from seqgen import Vocabulary
from seqgen.training.token_dataset import TokenStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
items = [Encoded(np.zeros({length}, np.int32), np.zeros(({length} + 1, 1), np.int32))]
try:
    print(TokenStore(items, Vocabulary(("a", "b")), Path({str(tmp_path)!r})).offsets)
except SeqgenError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if length == 10:
        assert done.stdout == f"[ 0 {length + 1}]\n", "what fits is kept"
    else:
        assert done.stdout.startswith(f"cannot write the training tokens to {tmp_path}: ")
        assert "TMPDIR" in done.stdout
    assert done.stderr == "" and list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SeqgenError, match=r"cannot write the training tokens to .*missing"):
        TokenStore([], VOCABULARY, tmp_path / "missing")


def test_the_error_of_the_items_is_their_own(tmp_path: Path) -> None:
    def items() -> Iterator[Encoded]:
        yield Encoded(np.array([0, 1], np.int32))
        raise FileNotFoundError("a corpus that went away")

    with pytest.raises(FileNotFoundError, match="went away"):
        TokenStore(items(), VOCABULARY, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells what is resident")
def test_pages_that_were_read_are_given_back(tmp_path: Path) -> None:
    """In a process of its own: 16 MiB of tokens are resident once read, not once released."""
    code = f"""
import numpy as np
from pathlib import Path
from seqgen import Encoded
from seqgen import Vocabulary
from seqgen.training.token_dataset import TokenStore

def mapped():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssFile")).split()[1])

item = Encoded(np.zeros(1 << 20, np.int32))
store = TokenStore([item] * 16, Vocabulary(("a", "b")), Path({str(tmp_path)!r}))
found = [mapped()]
for act in (lambda: [store.item(place) for place in range(16)], store.release):
    act()
    found.append(mapped())
print(*found)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, read, released = map(int, done.stdout.split())
    assert read - before > 15 * 1024, "what is read becomes resident"
    assert released - before < 1024

"""Type checkers know the public names of seqgen, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

CODE = """
import seqgen


class Letters(seqgen.SymbolEncoder[str]):
    def symbols(self, item: str) -> list[str]:
        return list(item)

    def item(self, symbols: object) -> str:
        return ""


def corpus(source: object, options: seqgen.NoOptions) -> seqgen.Corpus[str]:
    return seqgen.Corpus(("a",))


def rank(items: object) -> list[int]:
    return []


def seqgen_domain() -> seqgen.Domain[str]:
    return seqgen.Domain(
        name="letters",
        summary=f"Letters for {seqgen.__version__}",
        corpus=corpus,
        encoder=Letters,
        evaluation=seqgen.Evaluation(rank=rank),
    )
"""


#: Edits of the code, and the error that each causes.
ERRORS = {
    ("seqgen.Corpus((", "seqgen.Corpse(("): 'Module has no attribute "Corpse"',
    ('Corpus(("a",))', "Corpus((3,))"): "incompatible type",
    ("corpus=corpus", "corpus=rank"): 'Argument "corpus" to "Domain" has incompatible type',
    ("rank=rank", "rank=corpus"): 'Argument "rank" to "Evaluation" has incompatible type',
}


@pytest.mark.slow
def test_a_type_checker_finds_the_errors_of_a_plugin(tmp_path: Path) -> None:
    valid = tmp_path / "valid.py"
    valid.write_text(CODE)
    wrong = {tmp_path / f"wrong{place}.py": edit for place, edit in enumerate(ERRORS)}
    for path, (old, new) in wrong.items():
        path.write_text(CODE.replace(old, new, 1))
    options = ["--strict", "--follow-imports=silent", "--config-file="]
    output, errors, _ = api.run([*options, str(valid), *map(str, wrong)])
    assert not errors and "valid.py" not in output, output + errors
    for path, edit in wrong.items():
        lines = [line for line in output.splitlines() if path.name in line]
        assert any(ERRORS[edit] in line for line in lines), (edit, lines)

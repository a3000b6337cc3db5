"""Molecules: what the guide accepts, and that RDKit accepts nearly all of it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
import seqgen_molecules as molecules
from seqgen_molecules.guide import SmilesGuide
from seqgen_molecules.symbols import element_of

import seqgen

CORPUS = molecules.corpus(None, seqgen.NoOptions())
ENCODER = molecules.SmilesEncoder().fit(CORPUS.items)
GUIDE = SmilesGuide(ENCODER.vocabulary)


def accepted(smiles: str) -> bool:
    return seqgen.accepts(GUIDE, ENCODER.prompt(smiles), ENCODER.vocabulary.end)


def drawn(seed: int) -> str:
    """A string of tokens drawn uniformly under the guide."""
    rng, place, tokens = np.random.default_rng(seed), GUIDE.row_start(), []
    while (
        token := int(rng.choice(np.flatnonzero(GUIDE.row_allowed(place))))
    ) != ENCODER.vocabulary.end:
        tokens.append(token)
        place = GUIDE.row_advance(place, token)
        assert len(tokens) <= (GUIDE.max_tokens or 0)
    return ENCODER.decode(tokens)


def test_the_shipped_molecules() -> None:
    assert len(CORPUS.items) == 272 and CORPUS.skipped == ()


@pytest.mark.parametrize(
    "smiles",
    ["c1ccc2ccccc2c1", "c1ccc(-c2ccccc2)cc1", "c1ccc2c(c1)CCN2", "O=c1cc[nH]cc1", "C[n+]1ccccc1",
     "c1ccc2c(c1)[nH]c1ccccc12", "CC12CCC3c4ccc(O)cc4CCC3C1CCC2O", "CS(=O)(=O)C", "[Na+].[Cl-]"],
)  # fmt: skip
def test_right_molecules(smiles: str) -> None:
    assert accepted(smiles)


@pytest.mark.parametrize(
    "smiles",
    ["C(C)(C)(C)(C)C", "C1CC", "C(C", "C)C", "F=C", "CC=", "c1cccc1", "n1cccc1", "cc", "O(C)(C)C",
     "c1ccc(cc2ccccc2)cc1", "C=C=C=C#C", "C11", "C1C1", "[nH]1ccccc1", "c1ccccc1=O", "(C)C", ""],
)  # fmt: skip
def test_wrong_molecules(smiles: str) -> None:
    assert not accepted(smiles)


def test_symbols_are_the_string_again() -> None:
    assert ENCODER.symbols("C[C@@H](Cl)Br%10") == ["C", "[C@@H]", "(", "Cl", ")", "Br", "%10"]
    assert all("".join(ENCODER.symbols(item)) == item for item in CORPUS.items)


@pytest.mark.parametrize(
    ("symbol", "bonds"),
    [
        ("C", 4),
        ("[NH3+]", 1),
        ("[N+]", 4),
        ("[O-]", 1),
        ("[nH]", 2),
        ("c", 3),
        ("[Na+]", 0),
        ("[C@@H]", 3),
    ],
)
def test_atoms(symbol: str, bonds: int) -> None:
    element = element_of(symbol)
    assert element is not None and element.bonds == bonds


@pytest.mark.parametrize("symbol", ["(", "=", "1", "%10", "[", "[CH5]"])
def test_what_is_no_atom(symbol: str) -> None:
    assert element_of(symbol) is None


def test_every_row_ends_and_rdkit_takes_nearly_all() -> None:
    chem = pytest.importorskip("rdkit.Chem", reason="the extra [rdkit] is not installed")
    from seqgen_molecules.metrics import parsed

    strings = [drawn(seed) for seed in range(60)]
    assert chem and sum(parsed(s) is not None for s in strings) >= 57


def test_figures_and_spellings() -> None:
    pytest.importorskip("rdkit", reason="the extra [rdkit] is not installed")
    from seqgen_molecules.metrics import figures, parsed

    found = figures(["CCO", "OCC", "CC", "C(", ""], ["CC"])
    assert found["valid"] == 0.6 and found["unique"] == 2 / 3 and found["novel"] == 0.5
    assert 0 < found["internal diversity"] < 1
    aspirin = "CC(=O)Oc1ccccc1C(=O)O"
    spelt = {molecules.augment(aspirin, Random(seed)) for seed in range(20)}
    assert len(spelt) > 5 and all(parsed(s).GetNumHeavyAtoms() == 13 for s in spelt)
    assert molecules.metrics(aspirin) == {"valid": 1.0, "heavy atoms": 13.0, "rings": 1.0}
    assert molecules.metrics("C(")["valid"] == 0.0


def test_without_rdkit_the_spelling_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(molecules, "HAS_RDKIT", False)
    assert molecules.augment("CCO", Random(0)) == "CCO" and molecules.metrics("CCO") == {}
    notes = molecules.corpus(None, seqgen.NoOptions()).notes
    assert "not installed" in notes["randomised spellings"]


def test_a_file_with_names_skips_invalid_molecules(tmp_path: Path) -> None:
    (tmp_path / "some.smi").write_text("# mine\nCCO ethanol\nCCO\nC(C broken\n")
    read = molecules.corpus(tmp_path / "some.smi", seqgen.NoOptions())
    assert read.items == ("CCO",) and [left.what for left in read.skipped] == ["C(C broken"]

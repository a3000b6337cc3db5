"""seqgen-molecules: molecules as SMILES, with a guide for grammar and valences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import seqgen
from seqgen_molecules.guide import SmilesGuide
from seqgen_molecules.symbols import SYMBOL

if TYPE_CHECKING:
    from random import Random

SHIPPED = Path(__file__).parent / "molecules.smi"
#: Always in the vocabulary: symbols that close an item, and those of other SMILES of a molecule.
NEEDED = [*"CcO=-()/\\123456789", "[C@H]", "[C@@H]", "[C@]", "[C@@]"]
HAS_RDKIT = find_spec("rdkit") is not None
PRESETS = {"units": 128, "embedding": 32, "dropout": 0.3, "batch_size": 16, "epochs": 60}
PRESETS |= {"temperature": 0.7, "count": 8}


@dataclass(frozen=True)
class Options:
    """Constraints on the molecules."""

    grammar: bool = seqgen.setting(True, "Enforce the grammar and the valences.")


@final
class SmilesEncoder(seqgen.RegexEncoder):
    """One token for each atom, bond, ring digit and branch of a SMILES string."""

    name, pattern, always = "smiles", SYMBOL, NEEDED


def corpus(source: Path | None, options: seqgen.NoOptions) -> seqgen.Corpus[str]:
    """Read a .smi file (SMILES, then optionally a name), by default the shipped one."""
    return seqgen.gather(
        (line for line in seqgen.read_items(source or SHIPPED) if line[0] != "#"),
        lambda line: line.split()[0],
        encoder=SmilesEncoder(),
        guide=lambda encoder: SmilesGuide(encoder.vocabulary),
        unfit="not supported by the grammar",
        notes={"randomised spellings": "by RDKit" if HAS_RDKIT else "none: RDKit is not installed"},
        licence="" if source else "names and structures are facts; CC0-1.0",
    )


def guide(encoder: SmilesEncoder, options: Options, condition: None) -> seqgen.Guide[Any]:
    """A guide that allows valid strings, or everything without the grammar."""
    if not options.grammar:
        return seqgen.FreeGuide(encoder.vocabulary.size)
    return SmilesGuide(encoder.vocabulary)


def augment(smiles: str, rng: Random) -> str:
    """The same molecule as SMILES from another atom, by RDKit; unchanged without it."""
    if not HAS_RDKIT:
        return smiles
    from rdkit import Chem

    from seqgen_molecules.metrics import parsed

    if (molecule := parsed(smiles)) is None:
        return smiles
    order = list(range(molecule.GetNumAtoms()))
    rng.shuffle(order)
    spelt: str = Chem.MolToSmiles(Chem.RenumberAtoms(molecule, order), canonical=False)
    return spelt


def metrics(smiles: str) -> dict[str, float | None]:
    """Validity by RDKit, and the number of heavy atoms and rings; empty without RDKit."""
    if not HAS_RDKIT:
        return {}
    from seqgen_molecules.metrics import parsed

    molecule = parsed(smiles)
    rings = molecule and float(molecule.GetRingInfo().NumRings())
    atoms = molecule and float(molecule.GetNumHeavyAtoms())
    return {"valid": float(molecule is not None), "heavy atoms": atoms, "rings": rings}


def write(molecules: Sequence[str], folder: Path, receipts: Sequence[str]) -> list[Path]:
    """Write one .smi file."""
    return [seqgen.write_file(folder / "molecules.smi", "".join(f"{s}\n" for s in molecules))]


@seqgen.hookimpl
def seqgen_domain() -> seqgen.Domain:
    return seqgen.Domain(
        name="molecules",
        summary="Molecules as SMILES",
        corpus=corpus,
        encoder=SmilesEncoder,
        generation_options=Options,
        guide=guide,
        augment=augment,
        write=write,
        evaluation=seqgen.Evaluation(metrics=metrics),
        presets=PRESETS,
        suffixes=(".smi", ".txt"),
    )

"""Metrics of a set of molecules by RDKit: python -m seqgen_molecules.metrics samples.jsonl"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import seqgen


def parsed(smiles: str) -> Any:
    """Parse SMILES with RDKit; None if RDKit refuses the string."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():  # a refusal is a result here, not a warning
        return Chem.MolFromSmiles(smiles) if smiles else None


def figures(made: Sequence[str], known: Sequence[str]) -> dict[str, float]:
    """Shares: valid of all; unique of the valid; novel (not in the data) of the unique.

    Internal diversity is 1 minus the mean Tanimoto similarity of all pairs of unique
    molecules, including a molecule with itself (Morgan fingerprints, radius 2, 1,024 bits), as
    in Polykovskiy et al., "Molecular Sets (MOSES)", 2020.
    """
    from rdkit import Chem, DataStructs
    from rdkit.Chem import rdFingerprintGenerator

    valid = [Chem.MolToSmiles(m) for m in map(parsed, made) if m is not None]
    unique = sorted(set(valid))
    training = {Chem.MolToSmiles(m) for m in map(parsed, known) if m is not None}
    morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    prints = [morgan.GetFingerprint(Chem.MolFromSmiles(s)) for s in unique]
    alike = sum(sum(DataStructs.BulkTanimotoSimilarity(one, prints)) for one in prints)
    return {
        "valid": len(valid) / max(len(made), 1),
        "unique": len(unique) / max(len(valid), 1),
        "novel": len(set(unique) - training) / max(len(unique), 1),
        "internal diversity": 1 - alike / max(len(prints) ** 2, 1),
    }


def main() -> None:
    """Print the metrics of the samples of a run, relative to the shipped molecules."""
    from seqgen_molecules import corpus

    try:
        lines = seqgen.read_items(Path(sys.argv[1]))
        made = [json.loads(line)["text"] for line in lines]
        known = corpus(Path(sys.argv[2]) if len(sys.argv) > 2 else None).items
    except (seqgen.SeqgenError, IndexError, KeyError, ValueError) as error:
        sys.exit(f"usage: SAMPLES.JSONL [the .smi file of the training data]: {error}")
    for name, share in figures(made, known).items():
        print(f"{name:20} {share:.3f}")


if __name__ == "__main__":
    main()

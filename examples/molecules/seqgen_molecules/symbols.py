"""The symbols of SMILES: how a string is split, and the valence of each atom."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Explicit bonds, with their order.
BONDS = {"-": 1, "=": 2, "#": 3, "/": 1, "\\": 1}
#: An atom (in brackets it is one symbol), a bond, a ring digit, a branch or a dot.
SYMBOL = r"\[[^\]]+\]|Br|Cl|%\d\d|."
_BRACKET = re.compile(r"\[\d*([A-Z][a-z]?|[cnopsb]|se|as)@{0,2}(?:H(\d?))?([+-]\d?)?\]|(\w+)")
#: Maximum bonds of neutral atoms; an atom not listed is treated as an ion without bonds.
_VALENCES = {"B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "Si": 4, "P": 5, "S": 6, "Cl": 1}
_VALENCES |= {"Br": 1, "I": 1, "Se": 6, "As": 5, "H": 1}
#: The same with a charge of one, if it is not one less.
_CHARGED = {"N+": 4, "P+": 4, "O+": 3, "S+": 3, "Se+": 3, "As+": 4, "B-": 4, "S-": 1, "P-": 2}
#: Aromatic atoms: number of neighbours, and contribution to the ring: "double" needs a double
#: bond, "either" a double bond or a third neighbour, "pair" contributes two electrons.
_AROMATIC = {"c": (3, "double"), "n": (3, "either"), "o": (2, "pair"), "s": (2, "pair")}
_AROMATIC |= {"p": (3, "either"), "se": (2, "pair"), "n+": (3, "charged"), "o+": (2, "charged")}
_AROMATIC |= {"s+": (2, "charged"), "n-": (2, "pair"), "c-": (3, "pair")}


class Element(NamedTuple):
    """The properties of an atom that matter here."""

    bonds: int  # maximum bonds to others; for an aromatic atom, maximum neighbours
    ring: str = ""  # contribution of an aromatic atom: "double", "either", "pair", "charged"


def element_of(symbol: str) -> Element | None:
    """The atom that a symbol represents; None if it is not an atom or is unknown."""
    found = _BRACKET.fullmatch(symbol)
    if not found or symbol.isdigit():
        return None
    name, count, charge, bare = found.groups()
    name, charge = name or bare, (charge or "").removesuffix("1")
    hydrogens = 0 if count is None else int(count or 1)
    if name[0].islower():
        if name == "n" and hydrogens and not charge:
            return Element(2, "pair")
        bonds, ring = _AROMATIC.get(name + charge, (0, ""))
        return Element(bonds - hydrogens, ring) if bonds > hydrogens else None
    if len(charge) > 1 or name not in _VALENCES:
        return Element(0) if not hydrogens else None
    bonds = _CHARGED.get(name + charge, _VALENCES[name] - len(charge))
    return Element(bonds - hydrogens) if bonds >= hydrogens else None

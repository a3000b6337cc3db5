"""The symbols of SMILES: how a string is cut, and what each atom may be bound to."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Bonds that are written, with their order.
BONDS = {"-": 1, "=": 2, "#": 3, "/": 1, "\\": 1}
#: An atom, of which one in brackets is one symbol, a bond, a ring digit, a branch or a dot.
SYMBOL = r"\[[^\]]+\]|Br|Cl|%\d\d|."
_BRACKET = re.compile(r"\[\d*([A-Z][a-z]?|[cnopsb]|se|as)@{0,2}(?:H(\d?))?([+-]\d?)?\]|(\w+)")
#: Most bonds of neutral atoms; an atom that is not here is taken for an ion without bonds.
_VALENCES = {"B": 3, "C": 4, "N": 3, "O": 2, "F": 1, "Si": 4, "P": 5, "S": 6, "Cl": 1}
_VALENCES |= {"Br": 1, "I": 1, "Se": 6, "As": 5, "H": 1}
#: The same with a charge of one, where it is not one less.
_CHARGED = {"N+": 4, "P+": 4, "O+": 3, "S+": 3, "Se+": 3, "As+": 4, "B-": 4, "S-": 1, "P-": 2}
#: Aromatic atoms: how many neighbours, and what each adds to the ring: "double" must have a
#: double bond, "either" one or a third neighbour, "pair" brings two electrons of its own.
_AROMATIC = {"c": (3, "double"), "n": (3, "either"), "o": (2, "pair"), "s": (2, "pair")}
_AROMATIC |= {"p": (3, "either"), "se": (2, "pair"), "n+": (3, "charged"), "o+": (2, "charged")}
_AROMATIC |= {"s+": (2, "charged"), "n-": (2, "pair"), "c-": (3, "pair")}


class Element(NamedTuple):
    """What counts of an atom."""

    bonds: int  # most bonds to others; of an aromatic atom most neighbours
    ring: str = ""  # what an aromatic atom adds: "double", "either", "pair" or "charged"


def element_of(symbol: str) -> Element | None:
    """The atom that a symbol stands for; None when it is none, or one not known here."""
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

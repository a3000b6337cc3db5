"""The state of a row of SMILES (a place), and the transitions for each kind of symbol."""

from __future__ import annotations

from typing import NamedTuple

from seqgen_molecules.symbols import Element

#: One placement of the double bonds of aromatic rings, as far as it is open: +a for an atom
#: that still needs a double bond, -a for a nitrogen that needs a third neighbour instead.
Marks = frozenset[int]
Ways = frozenset[Marks]


class Ring(NamedTuple):
    """An open ring."""

    digit: str
    atom: int
    order: int
    aromatic: bool  # only an aromatic atom may close it


class Place(NamedTuple):
    """The state of a row. Atoms are numbered from 1."""

    atoms: tuple[Element, ...] = ()
    free: tuple[int, ...] = ()  # bonds still available at each atom
    now: int = 0  # the atom that the next token is bound to; 0 at the start of a molecule
    branches: tuple[int, ...] = ()  # the atoms to which open branches are attached
    owes: tuple[bool, ...] = ()  # for each: whether it must still close an aromatic ring
    loose: bool = False  # the current atom is aromatic and no aromatic ring includes it yet
    hanging: tuple[bool, ...] = ()  # the same for the atoms in ``branches``
    rings: tuple[Ring, ...] = ()
    joined: tuple[int, ...] = ()  # earlier neighbours of the current atom
    bond: int = 0  # order of an explicit bond; 0 for none
    fresh: bool = False  # right after an atom or its ring digits
    must: bool = False  # the current aromatic atom must open or close an aromatic ring next
    ways: Ways = frozenset([frozenset()])
    single: Ways = frozenset()  # the ways without a double bond to the previous atom

    @property
    def branch(self) -> int:
        """The atom to which the innermost branch is attached; 0 outside."""
        return self.branches[-1] if self.branches else 0

    def ring_of(self, atom: int) -> str:
        """The contribution of an atom to an aromatic ring; empty if it is not aromatic."""
        return self.atoms[atom - 1].ring

    def room(self, atom: int, way: Marks) -> int:
        """Number of bonds still available at an atom, minus those reserved for its branch."""
        taken = self.ring_of(atom) == "either" and -atom not in way
        return self.free[atom - 1] - taken - (atom in self.branches)

    def most_room(self) -> int:
        """The maximum of ``room`` of the current atom over all ways."""
        return max((self.room(self.now, way) for way in self.ways), default=0)

    def take(self, atom: int, order: int) -> Place:
        """The place after a bond of an atom; a double bond of an aromatic atom counts as one."""
        left = self.free[atom - 1] - (1 if self.ring_of(atom) else order)
        free = (*self.free[: atom - 1], left, *self.free[atom:])
        ways = self.ways
        if self.ring_of(atom) == "either" and left == 0:  # its third neighbour
            ways = frozenset(way - {-atom} for way in ways if -atom in way)
        return self._replace(free=free, ways=ways)


def alive(place: Place) -> Place | None:
    """The place with the ways that can still be completed; None if there is none."""
    obliged = place.now and (
        place.must
        or place.loose
        or place.owes[-1:] == (True,)
        or any(r.atom > place.branch for r in place.rings)
    )
    goes_on = (
        place.must
        or place.owes[-1:] == (True,)
        or any(ring.atom > place.branch and place.ring_of(ring.atom) for ring in place.rings)
    )
    active, ringed = {place.now, *place.branches}, {ring.atom for ring in place.rings}

    def lives(way: Marks) -> bool:
        open_now = (obliged and place.room(place.now, way) < 1) or any(
            place.room(atom, way) < 0 for atom in place.branches
        )
        return not open_now and all(can_be_had(mark, way) for mark in way)

    leaves = place.now if place.bond and place.now != place.branch else 0

    def can_be_had(mark: int, way: Marks) -> bool:
        if mark < 0:
            left = place.free[-mark - 1]
            return -mark in active and left > 0 and (left == 1 or -mark != leaves)
        left = place.room(mark, way) + (mark in place.branches) if mark != leaves else 0
        if place.ring_of(mark) != "double" and not (mark == place.now and goes_on):
            left = 0  # no double bond from outside is possible, and no ring continues from it
        return mark in ringed or (mark in active and left > 0)

    ways = frozenset(way for way in place.ways if lives(way))
    return place._replace(ways=ways) if ways else None


def with_double(ways: Ways, one: int, other: int) -> Ways:
    """The ways in which two aromatic neighbours have a double bond between them."""
    return frozenset(way - {one, other} for way in ways if one in way and other in way)


def bound(place: Place, atom: Element) -> Place | None:
    """After an atom, bound to the current one by the explicit bond, otherwise a single one."""
    parent, new, order = place.now, len(place.atoms) + 1, place.bond or 1
    cost = 1 if atom.ring else order
    if parent and (
        cost > atom.bonds or place.most_room() < (1 if place.ring_of(parent) else order)
    ):
        return None
    if order > 1 and atom.ring and (order > 2 or atom.ring != "double" or place.ring_of(parent)):
        return None
    if place.loose and parent != place.branch and (place.bond or not atom.ring):
        return None
    after = place.take(parent, order) if parent else place
    free = atom.bonds - cost if parent else atom.bonds
    marks = {"double": (new,), "charged": (new,), "either": (new, -new)}.get(atom.ring, (0,))
    if order == 2 and atom.ring:
        marks = (0,)  # its double bond is this one
    ways = frozenset(way | {mark} - {0} for way in after.ways for mark in marks)
    after = after._replace(
        atoms=(*place.atoms, atom),
        free=(*after.free, free),
        now=new,
        joined=(parent,) if parent else (),
        bond=0,
        fresh=True,
        loose=bool(atom.ring),
        ways=ways,
        single=ways,
    )
    return in_ring(after, place) if atom.ring else after


def in_ring(after: Place, before: Place) -> Place:
    """An aromatic atom continues the previous atom's ring, or must begin or join a ring."""
    parent, new, branch = before.now, after.now, before.branch
    rings = [ring for ring in before.rings if before.ring_of(ring.atom)]
    needed = [ring.atom for ring in rings if ring.aromatic]
    hangs = bool(branch) and parent == branch and any(atom <= branch for atom in needed)
    within = any(atom > branch for atom in needed) or before.owes[-1:] == (True,)
    shared = [ring for ring in rings if ring.atom > branch]
    if not parent or not before.ring_of(parent) or before.bond or not (hangs or within or shared):
        return after._replace(must=True)
    if hangs:
        after = after._replace(owes=(*before.owes[:-1], True))
    elif not within:  # the other open ring becomes the one to continue
        still = tuple(r._replace(aromatic=True) if r == shared[-1] else r for r in before.rings)
        after = after._replace(rings=still)
    return after._replace(ways=after.ways | with_double(after.ways, parent, new))


def ringed(place: Place, digit: str) -> Place | None:
    """After a ring digit: the ring is opened, or closed if it is already open."""
    if not place.fresh:
        return None
    is_aromatic = bool(place.ring_of(place.now))
    if (place.bond > 1 and is_aromatic) or place.most_room() < (place.bond or 1):
        return None
    for ring in place.rings:
        if ring.digit == digit:
            return ring_closed(place, ring)
    if place.bond > 2 or (place.bond and is_aromatic):
        return None
    after = place.take(place.now, place.bond or 1)
    own = place.must
    if place.owes[-1:] == (True,) and place.joined == (place.branch,):
        # The first atom of a branch has its own ring: only a single bond leads there.
        own, single = True, place.single
        after = place._replace(owes=(*place.owes[:-1], False), ways=single).take(place.now, 1)
    ring = Ring(digit, place.now, place.bond or 1, own)
    return after._replace(rings=(*place.rings, ring), must=False, bond=0, loose=False)


def ring_closed(place: Place, ring: Ring) -> Place | None:
    """After the digit that closes a ring."""
    both = bool(place.ring_of(place.now) and place.ring_of(ring.atom))
    order = place.bond or ring.order
    if order != ring.order or place.most_room() < (1 if both else order):
        return None
    if ring.atom in (place.now, *place.joined) or (order > 1 and place.ring_of(place.now)):
        return None
    if (ring.aromatic and not both) or (place.must and not both):
        return None
    after = place.take(place.now, order)
    if both and not place.bond:
        after = after._replace(ways=after.ways | with_double(after.ways, place.now, ring.atom))
    owes, hanging = (
        tuple(
            flag and not (both and b >= ring.atom)
            for flag, b in zip(flags, place.branches, strict=True)
        )
        for flags in (place.owes, place.hanging)
    )
    rings = tuple(other for other in place.rings if other != ring)
    joined = (*place.joined, ring.atom)
    loose = place.loose and not both
    return after._replace(
        rings=rings, owes=owes, hanging=hanging, joined=joined, must=False, bond=0, loose=loose
    )


def with_bond(place: Place, order: int) -> Place | None:
    """After an explicit bond."""
    kind = place.ring_of(place.now)
    if place.loose and place.now != place.branch:
        return None
    if place.most_room() < (1 if kind else order) or (kind and order > 2):
        return None
    if kind and order == 2:  # to an atom outside the ring
        if kind != "double":
            return None
        ways = frozenset(way - {place.now} for way in place.ways if place.now in way)
        place = place._replace(ways=ways, fresh=False)
    return place._replace(bond=order)


def opened(place: Place) -> Place | None:
    """After "(": one bond of the atom is reserved for the continuation after the branch."""
    if place.now == place.branch or place.most_room() < 2:
        return None
    return place._replace(
        branches=(*place.branches, place.now),
        owes=(*place.owes, False),
        hanging=(*place.hanging, place.loose),
        loose=False,
        fresh=False,
    )


def closed(place: Place) -> Place | None:
    """After ")"."""
    if not place.branches or place.now == place.branch or place.owes[-1] or place.loose:
        return None
    if any(ring.atom > place.branch for ring in place.rings):
        return None
    return place._replace(
        now=place.branch,
        branches=place.branches[:-1],
        owes=place.owes[:-1],
        hanging=place.hanging[:-1],
        loose=place.hanging[-1],
        joined=(),
        fresh=False,
    )

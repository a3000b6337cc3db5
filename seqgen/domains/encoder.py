"""Encoder: the abstract input side of a domain, items to token ids and back; its Vocabulary."""

from __future__ import annotations

import difflib
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from seqgen.errors import DataError, SeqgenError, UnknownSymbol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The symbols of a domain; the index of a symbol is its token id.

    Ids ``0`` to ``end - 1`` are the symbols in their order. ``end`` ends an item and is the last
    id that a model predicts. ``start``, the next one, is read before the first token and never
    predicted.

    Raises:
        DataError: There is no symbol, a symbol occurs twice, or one is not a string.
    """

    symbols: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_strings(self.symbols)
        ids = {symbol: number for number, symbol in enumerate(self.symbols)}
        if not ids:
            raise DataError("the vocabulary is empty: the corpus contains no symbols")
        if len(ids) != len(self.symbols):
            twice = sorted({s for s in self.symbols if self.symbols.count(s) > 1})
            raise DataError(f"symbols occur twice in the vocabulary: {twice[:5]}")
        object.__setattr__(self, "_ids", ids)

    @classmethod
    def learn(cls, sequences: Iterable[Iterable[str]]) -> Vocabulary:
        """Return all symbols of the sequences, sorted, so that ids are equal in every process."""
        found = {symbol for sequence in sequences for symbol in sequence}
        _check_strings(found)
        return cls(tuple(sorted(found)))

    @property
    def end(self) -> int:
        """The id of the end token."""
        return len(self.symbols)

    @property
    def start(self) -> int:
        """The id that a model reads before the first token."""
        return len(self.symbols) + 1

    @property
    def size(self) -> int:
        """The number of ids that a model predicts: the symbols and the end token."""
        return len(self.symbols) + 1

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._ids

    def id(self, symbol: str) -> int:
        """Return the token id of a symbol.

        Raises:
            UnknownSymbol: Names the symbol and the most similar known ones.
        """
        try:
            return self._ids[symbol]
        except KeyError:
            raise UnknownSymbol(
                f"unknown symbol {symbol!r}; nearest known: {self._nearest(symbol)}"
            ) from None

    def _nearest(self, symbol: str) -> str:
        close = difflib.get_close_matches(symbol, self.symbols, n=3, cutoff=0.3)
        folded = [s for s in self.symbols if s.casefold() == symbol.casefold()]
        by_code = sorted(
            self.symbols, key=lambda s: abs(ord(s[:1] or "\0") - ord(symbol[:1] or "\0"))
        )
        nearest = list(dict.fromkeys([*folded, *close, *by_code]))[:3]
        return ", ".join(repr(s) for s in nearest)


def _check_strings(symbols: Iterable[object]) -> None:
    if isinstance(symbols, str):
        raise DataError(
            f"symbols must be a tuple of strings, was {symbols[:40]!r}; pass tuple(...)"
        )
    for symbol in symbols:
        if not isinstance(symbol, str):
            raise DataError(
                f"a symbol must be a string, was {symbol!r} ({type(symbol).__name__}); "
                "convert it with str(...)"
            )


Item = TypeVar("Item")
#: Prefix of the module name of a domain file; a hash of the file's content follows.
FILE_MODULE = "_seqgen_file_"


@dataclass(frozen=True, eq=False, slots=True)
class Encoded:
    """One item as token ids, with its context and its condition.

    Args:
        tokens: Token ids, shape ``(T,)`` int32, each in ``[0, vocabulary.end)``. The framework
            adds the end token.
        context: What is known before each token is chosen (the current chord, the position in
            the bar), shape ``(T + 1, C)`` int32. Row ``t`` belongs to the choice of token ``t``,
            the last row to the choice of the end token. Column ``c`` holds values in
            ``[0, encoder.context_sizes[c])``. None if the domain has no context.
        condition: What is known of the entire item and is not generated (a chord chart), an
            immutable value; None if there is none.
    """

    tokens: NDArray[np.int32]
    context: NDArray[np.int32] | None = None
    condition: object = None


class Encoder(ABC, Generic[Item]):
    """Converts the items of one domain to token ids and back.

    A new encoder has no vocabulary. ``fit`` returns a fitted encoder, which never changes and can
    be converted to JSON and back. For every item that ``fit`` saw, and every item with the same
    symbols, ``decode(encode(item))`` is the item.

    Args:
        options: An instance of the domain's ``encoding_options``.
        vocabulary: The symbols; None for a new encoder.
    """

    #: Identifies this kind of encoder in model files. Keep the name when the class is renamed or
    #: moved; change it when the class encodes differently. A subclass that declares none has the
    #: name of its base class.
    name: ClassVar[str] = "encoder"
    #: Earlier names, the oldest first. Models that were saved under one of them still open.
    aliases: ClassVar[tuple[str, ...]] = ()
    #: The number of values of each context column; empty if the domain has no context.
    context_sizes: ClassVar[tuple[int, ...]] = ()
    #: Whether the ids that ``fit`` assigns depend on the order of the items.
    order_matters: ClassVar[bool] = False

    def __init__(self, options: Any = None, vocabulary: Vocabulary | None = None) -> None:
        self.options = options
        self._vocabulary = vocabulary

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        """Kinds of tokens ("pitch", "rhythm") with their ids, each of which can have its own
        temperature; empty if there is only one kind."""
        return {}

    @property
    def token_keys(self) -> Sequence[int]:
        """A number for each token except the end token, for the continuous cache: tokens with the
        same number count as equal, those with -1 are skipped. Empty if all tokens differ."""
        return ()

    @property
    def vocabulary(self) -> Vocabulary:
        """The symbols of the token ids.

        Raises:
            SeqgenError: The encoder is not fitted.
        """
        if self._vocabulary is None:
            raise SeqgenError("this encoder is not fitted: call fit(items) first")
        return self._vocabulary

    @abstractmethod
    def fit(self, items: Iterable[Item]) -> Self:
        """Return an encoder that knows every symbol of the items; this one does not change.

        An encoder with fixed symbols may return itself.

        Raises:
            DataError: The items contain no symbols.
        """

    @abstractmethod
    def encode(self, item: Item) -> Encoded:
        """Return the tokens of an item, with its context and its condition if it has them.

        Raises:
            UnknownSymbol: The item contains a symbol that is not in the vocabulary.
        """

    @abstractmethod
    def decode(self, tokens: Sequence[int], condition: Any = None) -> Item:
        """Return the item with these tokens, without the end token.

        Never raises for tokens that a guided model can generate.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return everything that ``from_json`` needs, as JSON values."""

    @classmethod
    @abstractmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return an encoder equal to the one that returned ``saved``."""

    def prompt(self, text: str) -> list[int]:
        """Return the tokens of a typed prompt; by default symbols separated by spaces.

        Raises:
            UnknownSymbol: Names the unknown symbol and the most similar known ones.
        """
        return [self.vocabulary.id(symbol) for symbol in text.split()]

    def fingerprint(self) -> str:
        """Return a short hash of the encoder's oldest name and of ``to_json()``.

        Encoders that encode alike have the same fingerprint in every process, wherever their
        class is defined. It does not change when an encoder gets a new name and keeps the old one
        in ``aliases``.
        """
        return self._fingerprint((*self.aliases, self.name)[0])

    def has_fingerprint(self, saved: str) -> bool:
        """Return whether a saved fingerprint is that of this encoder, under any of its names."""
        cls = type(self)
        # Before names were declared, the name was that of the module and of the class.
        modules = (cls.__module__.rpartition(".")[2], FILE_MODULE)
        earlier = [f"{module}.{cls.__qualname__}" for module in modules]
        return saved in map(self._fingerprint, (self.name, *self.aliases, *earlier))

    def _fingerprint(self, name: str) -> str:
        saved = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(f"{name}\n{saved}".encode()).hexdigest()[:16]


def item_hash(tokens: Iterable[int]) -> int:
    """A 64-bit hash of a token sequence, the same in every process and on every machine."""
    import numpy as np

    if isinstance(tokens, np.ndarray):  # many times faster than one by one
        return hash_bytes(tokens.astype("<i4").tobytes())
    return hash_bytes(np.fromiter(tokens, dtype="<i4").tobytes())


def hash_bytes(data: bytes) -> int:
    """A 64-bit hash of bytes, the same in every process and on every machine."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def hash_items(sequences: Iterable[Iterable[int]]) -> NDArray[np.uint64]:
    """The different hashes of token sequences, ascending."""
    import numpy as np

    hashes = np.fromiter(map(item_hash, sequences), np.uint64)
    hashes.sort()  # in place: np.unique would need three times the memory for a large corpus
    first = np.ones(len(hashes), bool)
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return hashes if first.all() else hashes[first]


def is_novel(tokens: Iterable[int], training_hashes: NDArray[np.uint64]) -> bool:
    """Whether no training item has exactly these tokens."""
    import numpy as np

    wanted: Any = np.uint64(item_hash(tokens))
    index = np.searchsorted(training_hashes, wanted)
    return bool(index == len(training_hashes) or training_hashes[index] != wanted)

"""Encoder: the abstract input side of a domain, items to token ids and back."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from seqgen.domains.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Encoded:
    """One item as token ids, with what is known while they are chosen.

    Args:
        tokens: Token ids, shape ``(T,)`` int32, each in ``[0, vocabulary.end)``. The end
            token is not among them; the framework adds it.
        context: What is known before each token is chosen (the chord now, the place in the
            bar), shape ``(T + 1, C)`` int32; row ``t`` belongs to the choice of token ``t``
            and the last row to the choice of the end token. Column ``c`` holds values in
            ``[0, encoder.context_sizes[c])``. None when the domain has no context.
        condition: What the whole item is given and does not have to generate (a chord
            chart), any immutable value of the domain's own; None when there is none.
    """

    tokens: NDArray[np.int32]
    context: NDArray[np.int32] | None = None
    condition: object = None


Item = TypeVar("Item")
#: What the name of a domain file's module begins with; a hash of its content follows.
FILE_MODULE = "_seqgen_file_"


class Encoder(ABC, Generic[Item]):
    """Items of one domain to token ids and back.

    A new encoder has no vocabulary. ``fit`` returns a fitted encoder, which never changes and can
    be converted to JSON and back. For every item that ``fit`` saw, and every item with the same
    symbols, ``decode(encode(item))`` is the item.

    Args:
        options: An instance of the domain's ``encoding_options``.
    """

    #: How many values each context column has; empty when the domain has no context.
    context_sizes: ClassVar[tuple[int, ...]] = ()
    #: Whether the ids that ``fit`` gives depend on the order of the items; if so, say it here.
    order_matters: ClassVar[bool] = False

    def __init__(self, options: Any = None) -> None:
        self.options = options

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        """Names for kinds of tokens ("pitch", "rhythm"), each with its ids; a temperature can
        be given for each. Empty where tokens are of one kind."""
        return {}

    @property
    def token_keys(self) -> Sequence[int]:
        """A number for each token but the end, by which an item recalls what it said: tokens of
        one number count as the same, and those of -1 are passed over. The end is passed over
        too. Empty where every token is the same as itself only."""
        return ()

    @property
    @abstractmethod
    def vocabulary(self) -> Vocabulary:
        """The symbols behind the token ids."""

    @abstractmethod
    def fit(self, items: Iterable[Item]) -> Self:
        """A fitted encoder that knows every symbol of the items; this one stays as it is.

        An encoder whose symbols are fixed beforehand may return itself.

        Raises:
            DataError: If the items hold no symbols.
        """

    @abstractmethod
    def encode(self, item: Item) -> Encoded:
        """The item as tokens, with its context rows and its condition where it has them.

        Raises:
            UnknownSymbol: If the item holds a symbol that the vocabulary does not know.
        """

    @abstractmethod
    def decode(self, tokens: Sequence[int], condition: Any = None) -> Item:
        """The item behind the tokens (without the end token).

        Total: it never raises on tokens that a guided model can emit.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Everything that ``from_json`` needs, as JSON values."""

    @classmethod
    @abstractmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The encoder that wrote ``saved``; it encodes and decodes exactly alike."""

    def prompt(self, text: str) -> list[int]:
        """The tokens of a prompt typed by a person; by default symbols parted by spaces.

        Raises:
            UnknownSymbol: Names the unknown symbol and the nearest known ones.
        """
        return [self.vocabulary.id(symbol) for symbol in text.split()]

    def fingerprint(self) -> str:
        """A short hash that is equal for encoders that encode alike, in every process."""
        saved = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=True)
        module = type(self).__module__.rpartition(".")[2]
        # Or any edit of a domain file, of its guide or a comment, would part it from its models.
        module = FILE_MODULE if module.startswith(FILE_MODULE) else module
        kind = f"{module}.{type(self).__qualname__}"
        return hashlib.sha256(f"{kind}\n{saved}".encode()).hexdigest()[:16]

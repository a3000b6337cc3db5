"""Receipts: everything that an item was generated from, and how they are stored and read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import DataError, ModelFileError, SeqgenError
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generation_config import Constraints
from seqgen.settings import settings_from, settings_to

if TYPE_CHECKING:
    from seqgen.generation.generator import Sample
    from seqgen.inference.generation_config import GenerationConfig
    from seqgen.registry.installed_plugins import LoadedDomain


#: Increased when older receipts can no longer be read.
FORMAT = 1
#: Every key of a receipt with the JSON type of its value.
_SHAPE: Mapping[str, type] = {
    "format": int,
    "seqgen": str,
    "domain": dict,
    "model": dict,
    "settings": dict,
    "options": dict,
    "prompt": str,
    "match": str,
    "novel": bool,
    "unbiased": bool,
    "index": int,
    "tokens": list,
    "tokens_sha256": str,
}
_TYPES = {int: "a whole number", str: "text", dict: "an object", list: "a list", bool: "a boolean"}


@final
@dataclass(frozen=True, slots=True)
class Origin:
    """The programs and the model file that generated an item.

    Args:
        seqgen: The version of seqgen.
        domain: The domain's name.
        distribution: The distribution that provides the domain, or the name of its file.
        version: The distribution's version, or a hash of the file.
        model: The path of the model file as it was named; files may move.
        sha256: The SHA-256 of the model file in hexadecimal digits.
    """

    seqgen: str
    domain: str
    distribution: str
    version: str
    model: str
    sha256: str

    @classmethod
    def of(cls, model: Path, loaded: LoadedDomain) -> Origin:
        """The origin of items that are generated now.

        Raises:
            ModelFileError: There is no such file, or it cannot be read.
        """
        return cls(
            version("seqgen"),
            loaded.domain.name,
            loaded.distribution,
            loaded.version,
            model.as_posix(),
            hash_file(model),
        )

    def changes(self, now: Origin) -> list[str]:
        """The versions in which this origin differs from the present one, for messages."""
        found = []
        if self.seqgen != now.seqgen:
            found.append(f"seqgen {self.seqgen} then, {now.seqgen} now")
        then, today = (f"{one.distribution} {one.version}" for one in (self, now))
        if then != today:
            found.append(f"{then} then, {today} now")
        return found


@final
@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that one item is a function of, and its tokens.

    Args:
        origin: The programs and the model file.
        settings: The sampling settings with the seed.
        options: The values of the domain's ``generation_options`` as JSON.
        prompt: The text that the item begins with.
        constraints: The constraints without ``max_draws`` and ``max_copy``, which only select
            items.
        index: The index of the sample.
        tokens: Its token ids with the prompt, without the end token.
    """

    origin: Origin
    settings: SamplingConfig
    options: Mapping[str, Any]
    prompt: str
    constraints: Constraints
    index: int
    tokens: tuple[int, ...]

    @classmethod
    def of(cls, origin: Origin, config: GenerationConfig, sample: Sample) -> Receipt:
        """The receipt of a sample of a configuration.

        Raises:
            SeqgenError: The sampler or a processor is an object.
        """
        if config.has_objects:
            raise SeqgenError(
                "a receipt names the sampler and the processors, which cannot be objects: install "
                "them as a plugin and use their names, or generate without receipts"
            )
        return cls(
            origin,
            config.sampling,
            config.options_to_json(),
            config.prompt,
            config.constraints.for_receipt(),
            sample.index,
            sample.tokens,
        )

    def to_dict(self) -> dict[str, Any]:
        """The receipt as JSON values."""
        origin = self.origin
        return {
            "format": FORMAT,
            "seqgen": origin.seqgen,
            "domain": {
                "name": origin.domain,
                "distribution": origin.distribution,
                "version": origin.version,
            },
            "model": {"path": origin.model, "sha256": origin.sha256},
            "settings": settings_to(self.settings),
            "options": dict(self.options),
            "prompt": self.prompt,
            "match": self.constraints.match,
            "novel": self.constraints.novel,
            "unbiased": self.constraints.unbiased,
            "index": self.index,
            "tokens": list(self.tokens),
            "tokens_sha256": hash_tokens(self.tokens),
        }

    @classmethod
    def from_json(cls, saved: Any, where: str) -> Receipt:
        """The receipt with these JSON values; every value is checked, and no code is run.

        Raises:
            SeqgenError: A key is missing, unknown or of the wrong type, a value is out of its
                range, or the tokens do not match their hash.
        """
        values = _checked(saved, _SHAPE, where)
        if values["format"] != FORMAT:
            raise DataError(
                f"{where}: has format {values['format']}, this seqgen reads format {FORMAT}"
            )
        domain, model = values["domain"], values["model"]
        _check_printable([values["seqgen"], *domain.values(), *model.values()], where)
        names = _checked(domain, dict.fromkeys(("name", "distribution", "version"), str), where)
        file = _checked(model, dict.fromkeys(("path", "sha256"), str), where)
        tokens = values["tokens"]
        if not all(type(token) is int and token >= 0 for token in tokens):
            raise DataError(f"{where}: tokens must be whole numbers from 0")
        if hash_tokens(tokens) != values["tokens_sha256"]:
            raise DataError(f"{where}: its tokens do not match their hash, so it was changed")
        if not 0 <= values["index"] < 2**63:
            raise DataError(f"{where}: index must be in 0..2**63-1, was {values['index']}")
        constraints = {name: values[name] for name in ("match", "novel", "unbiased")}
        return cls(
            Origin(values["seqgen"], *names.values(), *file.values()),
            settings_from(SamplingConfig, values["settings"], f"{where}, settings"),
            values["options"],
            values["prompt"],
            Constraints(**constraints),
            values["index"],
            tuple(tokens),
        )


def _checked(value: Any, shape: Mapping[str, type], where: str) -> dict[str, Any]:
    """An object with exactly these keys, in this order, each of its type."""
    if not isinstance(value, dict):
        raise DataError(f"{where}: a JSON object is expected, was {str(value)[:40]!r}")
    for name in [*shape, *value]:
        if name not in shape:
            raise DataError(f"{where}: unknown key {name!r}; known are {', '.join(shape)}")
        if name not in value:
            raise DataError(f"{where}: {name!r} is missing, so this is not a receipt")
        if type(value[name]) is not shape[name]:
            raise DataError(
                f"{where}: {name!r} must be {_TYPES[shape[name]]}, was {str(value[name])[:40]!r}"
            )
    return {name: value[name] for name in shape}


def _check_printable(values: Iterable[Any], where: str) -> None:
    """Refuse control characters, which would change the state of a terminal."""
    for value in values:
        if isinstance(value, str) and not value.isprintable():
            raise DataError(
                f"{where}: {value[:40]!a} has unprintable characters, so it is no name or path"
            )


def hash_tokens(tokens: Sequence[int]) -> str:
    """The SHA-256 of token ids, written as decimal numbers separated by spaces."""
    return hashlib.sha256(" ".join(map(str, tokens)).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """The SHA-256 of a model file.

    Raises:
        ModelFileError: There is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise ModelFileError(f"no model file {path}; give its path with --model")
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise ModelFileError(f"cannot read {path}: {error.strerror}") from None


#: The prefix of a receipt in a file of a domain.
MARK = "seqgen-receipt "
#: Characters that XML escapes, as JSON escapes.
_ESCAPES = {sign: f"\\u{ord(sign):04x}" for sign in "&<>\x7f"}


def receipt_line(receipt: Receipt) -> str:
    """A receipt as one line of printable ASCII, for any text or binary format."""
    line = json.dumps(receipt.to_dict(), separators=(",", ":"), ensure_ascii=True)
    return MARK + "".join(_ESCAPES.get(sign, sign) for sign in line)


def find_receipt_line(data: bytes, where: str) -> str | None:
    """The receipt line in a file of a domain; None if there is none.

    Raises:
        DataError: It holds several, or an incomplete one.
    """
    mark = MARK.encode()
    if data.lstrip()[:1] == b"{" or mark not in data:
        return None
    if data.count(mark) > 1:
        raise DataError(f"{where}: holds {data.count(mark)} receipts; give a file of one sample")
    text = data[data.index(mark) + len(mark) :].decode("latin-1")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: its receipt is damaged: {error}") from None
    return MARK + text[:end]


def read_receipt(text: str, index: int | None, where: str) -> Receipt:
    """The receipt in a text: alone, in the output of ``--json``, or in one of several lines.

    Args:
        text: JSON, or one JSON object per line as in ``samples.jsonl``.
        index: The index of the sample; None if there is only one.
        where: The name of the text in errors.

    Raises:
        SeqgenError: It is not JSON, or does not hold exactly one such receipt.
    """
    found = [receipt for value in _values(text, where) for receipt in _receipts(value)]
    if not found:
        raise DataError(f"{where}: holds no receipt; seqgen generate --json writes them")
    matches = [receipt for receipt in found if index is None or receipt.get("index") == index]
    if len(matches) != 1:
        indices = ", ".join(str(receipt.get("index")) for receipt in found[:10])
        more = ", ..." if len(found) > 10 else ""
        count = f"{len(matches)} matching receipts" if matches else f"no receipt of index {index}"
        raise DataError(f"{where}: holds {count}; choose one with --index ({indices}{more})")
    return Receipt.from_json(matches[0], where)


def _values(text: str, where: str) -> list[Any]:
    """The JSON values of a text: one, or one per line."""
    try:
        try:
            return [json.loads(text)]
        except ValueError:
            lines = [line for line in text.split("\n") if line.strip()]
            if len(lines) < 2:
                raise
            return [json.loads(line) for line in lines]
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{where}: holds no receipt, and is not JSON ({error}); give samples.jsonl, the output "
            "of --json, or a file that seqgen wrote with a receipt"
        ) from None


def _receipts(value: Any) -> list[dict[str, Any]]:
    """The receipts in one value; a token of ``--stream`` holds none."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("samples"), list):  # the output of seqgen run --json
        return [receipt for sample in value["samples"] for receipt in _receipts(sample)]
    if isinstance(value.get("receipt"), dict):
        return [value["receipt"]]
    return [value] if {"settings", "tokens_sha256"} & value.keys() else []

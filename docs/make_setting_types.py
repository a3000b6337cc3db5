"""Writes seqgen/api/setting_types.py from the settings classes; a test checks it is current."""

from __future__ import annotations

import types
import typing
from dataclasses import fields
from pathlib import Path
from typing import Any

from seqgen.generation.sampling_config import SamplingConfig
from seqgen.inference.generation_config import Constraints
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.settings import type_hints
from seqgen.training.train_config import TrainConfig

MODULE = Path(__file__).parents[1] / "seqgen" / "api" / "setting_types.py"
HEAD = '''"""The types of keyword arguments, for type checkers; made by docs/make_setting_types.py.

A type checker then knows the name and the type of every setting of seqgen, and reports a misspelt
one. It cannot know the options of a domain or of a plugin's component: programs that are checked
give those as ``options={"starts_with": "tri"}``.
"""

from __future__ import annotations

from typing import Any, TypedDict
'''
#: Settings that also take objects.
OBJECTS = {"sampler": "Any", "processors": "Any", "cell": "Any"}


def source() -> str:
    """The text of the module."""
    parts = [
        _typed_dict(
            "StreamSettings",
            "Settings of ``Model.stream``: sampling and constraints.",
            [SamplingConfig, Constraints],
        ),
        _typed_dict(
            "GenerateSettings(StreamSettings)",
            "Settings of ``Model.generate``.",
            [],
            {"prompt": "str", "best": "int"},
        ),
        _typed_dict(
            "TrainSettings",
            "Settings of ``seqgen.train``: the network and its training.",
            [ModelConfig, TrainConfig],
            {"preset": "str"},
        ),
    ]
    return "\n\n".join([HEAD, *parts])


def _typed_dict(
    name: str, text: str, kinds: list[type[Any]], more: dict[str, str] | None = None
) -> str:
    types_of = {
        item.name: OBJECTS.get(item.name) or _text(type_hints(kind)[item.name])
        for kind in kinds
        for item in fields(kind)
        if item.metadata.get("flag", True)
        # ``seqgen.train`` names these parameters, as they are objects too.
        and (kind, item.name) not in {(TrainConfig, "optimizer"), (TrainConfig, "learning_rate")}
    }
    base = name if "(" in name else f"{name}(TypedDict)"
    lines = [f"class {base[:-1]}, total=False):", f'    """{text}"""', ""]
    for setting, kind in sorted({**types_of, **(more or {})}.items()):
        lines.append(f"    {setting}: {kind}{'' if kind == 'Any' else ' | None'}")
    return "\n".join(lines) + "\n"


def _text(hint: Any) -> str:
    parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else [hint]
    return " | ".join(part.__name__ for part in parts if part is not type(None))


if __name__ == "__main__":
    MODULE.write_text(source(), encoding="utf-8")
    print(f"wrote {MODULE.name}")

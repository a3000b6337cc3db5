"""GenerateConfig: the settings of generation."""

from __future__ import annotations

from dataclasses import dataclass

from seqgen.errors import SettingError
from seqgen.settings import check_settings, setting

SAMPLERS = ("sample", "greedy")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateConfig:
    """How tokens are chosen. With the model file, the prompt, the seed and an index it
    determines a sample.

    Raises:
        SettingError: A value is out of its range, or two settings contradict each other.
    """

    sampler: str = setting(
        "sample", "Draw from the distribution, or take its mode.", choices=SAMPLERS
    )
    temperature: float = setting(
        1.0, "Below 1 safer, above 1 wilder; 1 is the model itself.", min=0.001, max=100.0
    )
    top_k: int = setting(0, "Draw from the k likeliest tokens only; 0 from all.", min=0)
    top_p: float = setting(
        1.0,
        "Draw from the likeliest tokens that make up this share; 1 from all.",
        above=0.0,
        max=1.0,
    )
    max_tokens: int | None = setting(
        None, "Longest item in tokens; by default four times the longest training item.", min=1
    )
    batch_size: int = setting(64, "Items generated side by side; changes only the speed.", min=1)
    seed: int = setting(
        0, "Seeds the draws; item INDEX of a seed is always the same.", min=0, max=2**63 - 1
    )

    def __post_init__(self) -> None:
        check_settings(self)
        drawing = {"temperature": 1.0, "top_k": 0, "top_p": 1.0}
        changed = [name for name, plain in drawing.items() if getattr(self, name) != plain]
        if self.sampler == "greedy" and changed:
            raise SettingError(
                f"{changed[0]} changes how tokens are drawn, and the greedy sampler draws none; "
                f"was {getattr(self, changed[0])}: leave it out or use the sampler 'sample'"
            )

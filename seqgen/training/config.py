"""TrainConfig: the settings of a training run."""

from __future__ import annotations

from dataclasses import dataclass

from seqgen.settings import check_settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a model is trained. Saved in the model file.

    Raises:
        SettingError: A value is out of its range.
    """

    epochs: int = setting(60, "Most passes over the training items.", min=1, max=100_000)
    minutes: float | None = setting(
        None,
        "Time for all of the command; a short probe picks preset, networks and epochs for it.",
        above=0.0,
    )
    batch_size: int = setting(32, "Items (or windows of long items) a step.", min=1, max=65536)
    learning_rate: float = setting(0.004, "Peak learning rate of AdamW.", above=0.0, max=1.0)
    weight_decay: float = setting(0.01, "Weight decay of AdamW.", min=0.0, max=1.0)
    clip_norm: float = setting(1.0, "Longest gradient; a longer one is cut to it.", above=0.0)
    warm_up: float = setting(
        0.05, "Share of the steps over which the rate rises.", min=0.0, below=1.0
    )
    ema: float = setting(
        0.0,
        "Decay of the running mean of the weights that is evaluated and kept; 0 keeps the last.",
        min=0.0,
        below=1.0,
    )
    label_smoothing: float = setting(
        0.0, "Share of the target spread over all tokens while training.", min=0.0, below=1.0
    )
    seeds: int = setting(
        1, "Networks to train, with seeds that follow; the model is their mean.", min=1, max=100
    )
    mixture: str = setting(
        "auto",
        "Mix the network with the n-gram: auto where it is better on validation items.",
        choices=("auto", "on", "off"),
    )
    patience: int = setting(12, "Epochs without a better validation figure before stopping.", min=1)
    window: int = setting(
        256, "Longer items are cut into windows of so many tokens.", min=2, max=65536
    )
    validation: float = setting(
        0.1, "Share of the items that decides when to stop.", above=0.0, max=0.4
    )
    held_out: float = setting(
        0.1, "Share of the items that is scored once, at the end.", above=0.0, max=0.4
    )
    seed: int = setting(
        0, "Seeds the split, the first weights, the order and dropout.", min=0, max=2**32 - 1
    )

    def __post_init__(self) -> None:
        check_settings(self)

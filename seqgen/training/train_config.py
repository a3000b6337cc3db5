"""TrainConfig: the settings of a training."""

from __future__ import annotations

from dataclasses import dataclass

from seqgen.settings import check_settings, setting

#: The optimizers of Keras in lower case, without those that wrap others, and without
#: ScheduleFreeAdamW, whose weights for evaluation differ from those in training.
OPTIMIZERS = (
    "adamw",
    "adadelta",
    "adafactor",
    "adagrad",
    "adam",
    "adamax",
    "ftrl",
    "lamb",
    "lion",
    "muon",
    "nadam",
    "rmsprop",
    "sgd",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a model is trained; saved in the model file.

    Raises:
        SettingError: A value is out of its range.
    """

    epochs: int = setting(60, "Maximum number of epochs.", min=1, max=100_000)
    minutes: float | None = setting(
        None,
        "Time limit of the command in minutes; preset, networks and epochs are set to fit.",
        above=0.0,
    )
    batch_size: int = setting(32, "Items, or windows of long items, per step.", min=1, max=65536)
    optimizer: str = setting(
        "adamw",
        "Optimizer of Keras. The learning rates of the presets are for AdamW.",
        choices=OPTIMIZERS,
        advanced=True,
    )
    learning_rate: float = setting(
        0.004, "Peak learning rate of the optimizer.", above=0.0, max=1.0
    )
    weight_decay: float = setting(
        0.01, "Weight decay of the optimizer.", min=0.0, max=1.0, advanced=True
    )
    clip_norm: float = setting(1.0, "Clip gradients to this norm.", above=0.0, advanced=True)
    warm_up: float = setting(
        0.05, "Share of the steps for learning-rate warm-up.", min=0.0, below=1.0, advanced=True
    )
    ema: float = setting(
        0.0,
        "Decay of the moving average of the weights, which is evaluated and saved; 0 for none.",
        min=0.0,
        below=1.0,
        advanced=True,
    )
    label_smoothing: float = setting(
        0.0, "Share of the target spread over all tokens.", min=0.0, below=1.0, advanced=True
    )
    seeds: int = setting(
        1, "Number of networks, with consecutive seeds; the model is their mean.", min=1, max=100
    )
    mixture: str = setting(
        "auto",
        "Mix the network with the n-gram; auto: if that is better on validation items.",
        choices=("auto", "on", "off"),
        advanced=True,
    )
    patience: int = setting(
        12, "Stop after this many epochs without improvement on validation.", min=1
    )
    window: int = setting(
        256, "Cut items into windows of this many tokens.", min=2, max=65536, advanced=True
    )
    validation: float = setting(
        0.1, "Share of the items for early stopping.", above=0.0, max=0.4, advanced=True
    )
    held_out: float = setting(
        0.1, "Share of the items for the final scores.", above=0.0, max=0.4, advanced=True
    )
    seed: int = setting(
        0, "Seed of split, initial weights, order and dropout.", min=0, max=2**32 - 1
    )

    def __post_init__(self) -> None:
        check_settings(self)

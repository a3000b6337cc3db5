"""TrainingObjects: an optimizer, a learning-rate schedule and callbacks of Keras, from Python."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from seqgen.errors import SettingError
from seqgen.registry.installed_plugins import hash_sources
from seqgen.registry.load_plugin import shorten
from seqgen.training.train_config import TrainConfig

#: Settings that an optimizer object has itself, and that a schedule replaces.
OF_OPTIMIZER = ("optimizer", "learning_rate", "weight_decay", "clip_norm", "warm_up")
OF_SCHEDULE = ("learning_rate", "warm_up")


@final
@dataclass(frozen=True, slots=True, eq=False)
class TrainingObjects:
    """Objects of Keras that take part in a training.

    A training depends on them, so a model file records them: the classes with a hash of their
    source, and the configuration of optimizer and schedule. That of a callback is not known.

    Args:
        optimizer: A ``keras.optimizers.Optimizer``, copied for each network; None for the one that
            the settings describe.
        schedule: A ``keras.optimizers.schedules.LearningRateSchedule``; None for warm-up and cosine
            decay.
        callbacks: ``keras.callbacks.Callback`` objects. They are called before the checkpoint of an
            epoch is saved. Their own state is in no checkpoint.
    """

    optimizer: Any = None
    schedule: Any = None
    callbacks: Sequence[Any] = ()

    def check(self, settings: Mapping[str, Any]) -> None:
        """Check the types of the objects, and the settings next to them.

        Args:
            settings: The user's settings by name.

        Raises:
            SettingError: An object is of another type, or a setting has no effect next to it.
        """
        if self.optimizer is None and self.schedule is None and not self.callbacks:
            return
        import keras

        schedules = keras.optimizers.schedules
        for name, value, kind, also in (
            ("optimizer", self.optimizer, keras.optimizers.Optimizer, ", or a name"),
            ("learning_rate", self.schedule, schedules.LearningRateSchedule, ", or a number"),
            *(("callbacks", value, keras.callbacks.Callback, "") for value in self.callbacks),
        ):
            if value is not None and not isinstance(value, kind):
                raise SettingError(
                    f"{name} must be of Keras' class {kind.__name__}{also}, was {shorten(value)}",
                    name,
                )
        if self.optimizer is not None and self.schedule is not None:
            raise SettingError(
                "learning_rate has no effect next to an optimizer object; give the schedule to the "
                "optimizer",
                "learning_rate",
            )
        if self.optimizer is not None and self.optimizer.use_ema:
            raise SettingError(
                "use_ema of an optimizer has no effect on the weights that are evaluated and "
                "saved; use the setting ema instead",
                "optimizer",
            )
        what, without = "", tuple[str, ...]()
        if self.optimizer is not None:
            what, without = "an optimizer object", OF_OPTIMIZER
        elif self.schedule is not None:
            what, without = "a learning-rate schedule", OF_SCHEDULE
        for name in without:
            if settings.get(name) is not None:
                raise SettingError(f"{name} has no effect next to {what}; omit one of them", name)

    def describe(self) -> dict[str, Any]:
        """What a training depends on, as JSON values; empty without objects.

        Raises:
            SettingError: An object has no configuration.
        """
        found: dict[str, Any] = {}
        if self.optimizer is not None:
            found["optimizer"] = _describe(self.optimizer, self.optimizer.get_config)
        if self.schedule is not None:
            found["learning_rate"] = _describe(self.schedule, self.schedule.get_config)
        if self.callbacks:
            found["callbacks"] = [_describe(callback, dict) for callback in self.callbacks]
        return found

    def make_optimizer(self, config: TrainConfig) -> Any:
        """A new optimizer like the object, without the state of earlier trainings.

        Args:
            config: Its ``ema`` applies to the new one.

        Raises:
            SettingError: The object cannot be copied by its configuration.
        """
        kind, given = type(self.optimizer), self.optimizer
        try:
            settings = given.get_config()
            if isinstance(settings.get("learning_rate"), dict):
                # A schedule has no state, and one of a class in a notebook cannot be looked up.
                settings["learning_rate"] = given._learning_rate
            made = kind.from_config(settings)
        except (TypeError, NotImplementedError, ValueError) as error:
            raise SettingError(
                f"the optimizer {kind.__name__} cannot be copied by get_config and from_config "
                f"({type(error).__name__}: {error}); implement both",
                "optimizer",
            ) from error
        made.use_ema, made.ema_momentum = bool(config.ema), config.ema or made.ema_momentum
        return made


def _describe(value: Any, get_config: Any) -> dict[str, Any]:
    kind = type(value)
    try:
        config = json.loads(json.dumps(get_config(), default=str, sort_keys=True))
    except NotImplementedError:
        raise SettingError(
            f"{kind.__name__} must implement get_config, which says what a model was trained with"
        ) from None
    config.pop("name", None)  # Keras numbers the objects of a class by their order
    return {
        "class": f"{kind.__module__}.{kind.__qualname__}",
        "source": hash_sources([kind]),
        "config": config,
    }

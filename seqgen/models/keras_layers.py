"""OneHotInput: the one Keras layer of our own, integer columns as one-hot vectors."""

from __future__ import annotations

from typing import Any, final

import keras


@final
@keras.saving.register_keras_serializable(package="seqgen")
class OneHotInput(keras.layers.Layer):  # type: ignore[misc]
    """Integer columns as one-hot vectors side by side; a value past a column's size is all zero.

    Args:
        sizes: How many values each column has.

    Call arguments:
        columns: Integers of shape ``(B, T, len(sizes))``.

    Returns:
        Float32 of shape ``(B, T, sum(sizes))``.
    """

    def __init__(self, sizes: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sizes = tuple(sizes)

    def call(self, columns: Any) -> Any:
        # One class more than the column has, cut off again: the start token becomes zeros on
        # every backend, without relying on what one_hot does with values out of range.
        parts = [
            keras.ops.one_hot(columns[..., c], size + 1)[..., :size]
            for c, size in enumerate(self.sizes)
        ]
        return keras.ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sizes": list(self.sizes)}

"""The certificate that Keras and NumPy compute the same model, on real items."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqgen.errors import SeqgenError
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.padded_batch import pad
from seqgen.models.sequence_model import log_softmax
from seqgen.runs.dataset import RunData

#: The number of windows of held-out items that are compared, and their length in tokens.
CERTIFIED, LONGEST = 16, 256
#: A difference in nats that rounding cannot explain.
LARGEST_DIFFERENCE = 1e-3
#: The same before training. The log-probabilities of a new network are nearly uniform, the more so
#: with each layer, so the difference is compared with their distance from uniform: products
#: rounded to TF32 differed by 2.5e-4 of it or more with one to eight layers, float32 products by at
#: most 1.5e-6.
FIRST_CERTIFIED, FIRST_LONGEST, FIRST_SHARE = 4, 32, 2e-5


def certify(keras_model: Any, model: NumpyRNN, data: RunData) -> dict[str, Any]:
    """Law 2 on real data: the largest difference of a log-probability between Keras and NumPy.

    Args:
        keras_model: The trained network, a ``KerasRNN``.
        model: The NumPy network with the same weights.
        data: Its held-out items are read.

    Raises:
        SeqgenError: They differ more than rounding can explain.
    """
    difference, _, tokens = _compare(keras_model, model, data, CERTIFIED, LONGEST)
    if not difference < LARGEST_DIFFERENCE:
        raise SeqgenError(
            f"Keras and NumPy disagree by {difference:.2e} nats on this model, more than "
            f"{LARGEST_DIFFERENCE}; it is not saved. Please report this with your settings"
        )
    return {"largest_difference_nats": difference, "tokens": tokens}


def check_untrained(keras_model: Any, model: NumpyRNN, data: RunData) -> None:
    """Check that Keras and NumPy agree before training.

    This is for devices that may round the factors of a product. A CPU does not, and the check
    would add a quarter of a second to the start of a training.

    Args:
        keras_model: The untrained network, a ``KerasRNN``.
        model: The NumPy network with the same weights.
        data: A few of its held-out items are read.

    Raises:
        SeqgenError: They differ more than rounding can explain.
    """
    difference, spread, _ = _compare(keras_model, model, data, FIRST_CERTIFIED, FIRST_LONGEST)
    if not difference <= FIRST_SHARE * spread:
        raise SeqgenError(
            f"Keras and NumPy disagree by {difference:.2e} nats on the network before its "
            f"training, {difference / max(spread, 1e-30):.1e} of its distance from uniform, more "
            f"than float32 products explain ({FIRST_SHARE}): the trained model could not be saved. "
            "Train on the CPU (CUDA_VISIBLE_DEVICES=-1), and please report this with your settings "
            "and the device"
        )


def _compare(
    keras_model: Any, model: NumpyRNN, data: RunData, windows: int, longest: int
) -> tuple[float, float, int]:
    """The largest difference on some windows of held-out items, the largest distance of the
    log-probabilities from uniform, and the number of tokens."""
    rows = data.windows(data.split.held_out[:windows], longest)[:windows]
    batch = pad(rows, data.encoder.vocabulary)
    trained = log_softmax(keras_model.forward(batch.inputs, batch.context))
    stepped = log_softmax(model.forward(batch.inputs, batch.context))
    real = batch.weights > 0
    spread = float(np.abs(stepped[real] + np.log(stepped.shape[-1])).max())
    return float(np.abs(trained - stepped)[real].max()), spread, int(real.sum())

"""The certificate: how far the two halves of a trained model are apart, on real items."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqgen.errors import SeqgenError
from seqgen.models.batch import pad
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import log_softmax
from seqgen.runs.dataset import RunData

#: On how many windows of held-out items it is measured, and of how many tokens.
CERTIFIED, LONGEST = 16, 256
#: More than rounding can explain: the two halves of the model disagree.
LARGEST_DIFFERENCE = 1e-3
#: The same before training begins. A new network is nearly indifferent, more so with each layer,
#: so its difference is held against how far its log-probabilities stand from all being equal:
#: products rounded to TF32 made 2.5e-4 of that or more over one to eight layers, whole float32
#: ones 1.5e-6 at most.
FIRST_CERTIFIED, FIRST_LONGEST, FIRST_SHARE = 4, 32, 2e-5


def certify(keras_model: Any, model: NumpyRNN, data: RunData) -> dict[str, Any]:
    """Law 2 on real data: the largest difference of a log-probability between Keras and NumPy.

    Args:
        keras_model: The half that was trained, a ``KerasRNN``.
        model: The half that steps, of the same weights.
        data: Its held-out items are read.

    Raises:
        SeqgenError: They are further apart than rounding can explain.
    """
    difference, _, tokens = _apart(keras_model, model, data, CERTIFIED, LONGEST)
    if not difference < LARGEST_DIFFERENCE:
        raise SeqgenError(
            f"Keras and NumPy disagree by {difference:.2e} nats on this model, more than "
            f"{LARGEST_DIFFERENCE}; it is not saved. Please report this with your settings"
        )
    return {"largest_difference_nats": difference, "tokens": tokens}


def check_untrained(keras_model: Any, model: NumpyRNN, data: RunData) -> None:
    """Hold that a network can be certified, before hours of training depend on it.

    For devices that may round the factors of a product; a CPU does not, and a quarter of a second
    is much of what a training takes to begin.

    Args:
        keras_model: The network that is about to be trained, a ``KerasRNN``.
        model: The half that steps, of the same first weights.
        data: A few of its held-out items are read.

    Raises:
        SeqgenError: They are further apart than rounding can explain.
    """
    difference, spread, _ = _apart(keras_model, model, data, FIRST_CERTIFIED, FIRST_LONGEST)
    if not difference <= FIRST_SHARE * spread:
        raise SeqgenError(
            f"Keras and NumPy disagree by {difference:.2e} nats on the network before its "
            f"training, {difference / max(spread, 1e-30):.1e} of what it tells, more than whole "
            f"float32 products leave ({FIRST_SHARE}): the trained model could not be saved. Train "
            "on the CPU (CUDA_VISIBLE_DEVICES=-1), and please report this with your settings and "
            "the device"
        )


def _apart(
    keras_model: Any, model: NumpyRNN, data: RunData, windows: int, longest: int
) -> tuple[float, float, int]:
    """The largest difference on so many windows of held-out items, how far the log-probabilities
    there are from all being equal, and the tokens."""
    rows = data.windows(data.split.held_out[:windows], longest)[:windows]
    batch = pad(rows, data.encoder.vocabulary)
    whole = log_softmax(keras_model.forward(batch.inputs, batch.context))
    stepped = log_softmax(model.forward(batch.inputs, batch.context))
    real = batch.weights > 0
    spread = float(np.abs(stepped[real] + np.log(stepped.shape[-1])).max())
    return float(np.abs(whole - stepped)[real].max()), spread, int(real.sum())

"""The certificate: how far the two halves of a trained model are apart, on real items."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqgen.errors import SeqgenError
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import log_softmax
from seqgen.models.windows import pad
from seqgen.runs.data import RunData

#: How many windows of held-out items it is measured on.
CERTIFIED = 16
#: More than rounding can explain: the two halves of the model disagree.
LARGEST_DIFFERENCE = 1e-3


def certify(keras_model: Any, model: NumpyRNN, data: RunData) -> dict[str, Any]:
    """Law 2 on real data: the largest difference of a log-probability between Keras and NumPy.

    Args:
        keras_model: The half that was trained, a ``KerasRNN``.
        model: The half that steps, of the same weights.
        data: Its held-out items are read.

    Raises:
        SeqgenError: They are further apart than rounding can explain.
    """
    rows = data.windows(data.split.held_out[:CERTIFIED], 256)[:CERTIFIED]
    batch = pad(rows, data.encoder.vocabulary)
    whole = log_softmax(keras_model.forward(batch.inputs, batch.context))
    stepped = log_softmax(model.forward(batch.inputs, batch.context))
    real = batch.weights > 0
    difference = float(np.abs(whole - stepped)[real].max())
    if not difference < LARGEST_DIFFERENCE:
        raise SeqgenError(
            f"Keras and NumPy disagree by {difference:.2e} nats on this model, more than "
            f"{LARGEST_DIFFERENCE}; it is not saved. Please report this with your settings"
        )
    return {"largest_difference_nats": difference, "tokens": int(real.sum())}

"""The training ShareWeightRNN: Keras layers that are made once and used at every step."""

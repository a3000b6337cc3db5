"""The trainable ShareWeightRNN: Keras layers made once and used at every step."""

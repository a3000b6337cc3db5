"""What a trained model does: generate, score, evaluate. Imports neither Keras nor training."""

"""Models of sequences: recurrent networks with shared weights, n-grams, mixtures, model files."""

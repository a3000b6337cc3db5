"""Models of sequences: shared-weight recurrent networks, n-grams, and the file they are kept in."""

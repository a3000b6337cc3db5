"""Training: the split, the batches, the trainer and its checkpoints."""

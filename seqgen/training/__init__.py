"""Training: batches, the split, the trainer."""

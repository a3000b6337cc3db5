"""Generation: samplers, logits processors, noise, the decoding loop and beam search."""

"""Generation: noise, logits processors, samplers, and the loop that ties them together."""

"""What plugin authors write: domain, encoder, vocabulary, guide, corpus."""

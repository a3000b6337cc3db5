"""What a plugin is made of (domain, encoder, vocabulary, guide) and the registry."""

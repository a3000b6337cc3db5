"""Ready-made guides: automata, regular expressions, length windows, forbidden items."""

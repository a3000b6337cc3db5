"""Ready-made guides: automata, regular expressions, length limits, rules, forbidden items."""

"""The scaffold: ``seqgen new`` writes a package from the templates in this package."""

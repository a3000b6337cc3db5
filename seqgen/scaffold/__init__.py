"""The scaffold: what ``seqgen new`` writes, from the templates beside this file."""

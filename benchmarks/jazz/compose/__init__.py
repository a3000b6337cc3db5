"""The program that composed the embedded jazz corpus, from hand-made figures, plans and a seed."""

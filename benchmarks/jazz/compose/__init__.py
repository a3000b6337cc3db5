"""The program that composed the embedded jazz corpus from hand-written figures and a fixed seed."""

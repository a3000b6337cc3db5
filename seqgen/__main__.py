"""``python -m seqgen`` runs the command ``seqgen``."""

from seqgen.cli.main import main

if __name__ == "__main__":
    main()

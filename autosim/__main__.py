"""Run the commands as ``python -m autosim``."""

from autosim.cli import main

if __name__ == "__main__":
    main()

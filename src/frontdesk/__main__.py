"""``python -m frontdesk`` is the same as ``frontdesk``."""

from frontdesk.cli import main

if __name__ == "__main__":
    main()

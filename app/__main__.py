"""Where `optiscope` and `python -m app` begin."""

import sys
from collections.abc import Sequence

INTERRUPTED = 130
"""The exit status that shells give to a program that was ended with Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 when done, 2 for bad input."""
    try:
        from app.cli import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())

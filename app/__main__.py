"""Where `optiscope` and `python -m app` begin."""

import multiprocessing
import sys
from collections.abc import Sequence

INTERRUPTED = 130
"""The exit status that shells give to a program that was ended with Ctrl-C."""
INCOMPLETE = 1
OURS = ("app", "core", "resources")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 when done, 2 for bad input."""
    try:
        multiprocessing.freeze_support()
        from app.cli import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in OURS:
            raise  # a fault of the program
        print(f"optiscope: The package {error.name} is missing; run `make run` once.", file=sys.stderr)
        return INCOMPLETE


if __name__ == "__main__":
    sys.exit(main())

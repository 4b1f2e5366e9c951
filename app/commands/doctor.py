"""`optiscope doctor`: what is installed here, what is missing, and where things are."""

from argparse import Namespace

from app.options import Parser
from app.report import as_text, findings

EXAMPLES = """\
A mark ! stands before what is missing or does not work.

examples:
  optiscope doctor
"""


def parser() -> Parser:
    """The options of `optiscope doctor`: none."""
    return Parser(
        "optiscope doctor",
        usage="optiscope doctor",
        summary="Look at what Optiscope needs: versions, libraries, screen, OpenGL, fonts, folders.",
        epilog=EXAMPLES,
    )


def run(options: Namespace) -> None:
    """Carry out `optiscope doctor`."""
    print(as_text(findings()))

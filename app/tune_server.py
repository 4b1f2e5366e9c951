"""What the process of the tuning does: a search with news of how far it is, until it is told to stop."""

from typing import Any

from app import watched_server
from app.watched_server import Failed, Watch
from core.errors import InputError
from core.search import TuneResult, TuneSpec, tune


def serve(connection: Any) -> None:
    """The body of the tuning's process: searches until the pipe closes or says `Quit`."""
    watched_server.serve(connection, _search)


def _search(spec: TuneSpec, watch: Watch) -> TuneResult | Failed:
    try:
        return tune(spec, watch=watch)
    except (InputError, ArithmeticError, MemoryError) as error:
        return Failed(str(error) or f"The search failed ({type(error).__name__}).")

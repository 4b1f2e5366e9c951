"""An executor that computes at once, in this process: windows in tests need no worker of their own."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class InlineExecutor(Executor):
    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except Exception as error:  # told as a worker process tells it
            future.set_exception(error)
        return future


class HeldExecutor(Executor):
    """Computes when a test says so: what a person does while a worker is busy can be tested."""

    def __init__(self) -> None:
        self.calls: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        self.calls.append((Future(), function, arguments))
        return self.calls[-1][0]

    def finish(self) -> None:
        """Finish the call that has waited longest."""
        future, function, arguments = self.calls.pop(0)
        future.set_result(function(*arguments))

"""Lines that this program wrote, made into functions."""

from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any


def compile_function(
    name: str, arguments: list[str], lines: list[str], space: dict[str, Any]
) -> Callable[..., Any]:
    """Compile lines that this program wrote (never a person's text) into a function."""
    body = "\n    ".join(lines or ["pass"])
    text = f"def {name}({', '.join(arguments)}):\n    {body}\n"
    namespace = dict(space)
    exec(_code(name, text), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


@lru_cache(maxsize=1024)
def _code(name: str, text: str) -> CodeType:
    """Kept by its text: the same lines are bound again whenever a number of a formula changes."""
    return compile(text, f"<{name}>", "exec")

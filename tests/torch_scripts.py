"""Runs exported scripts with torch, all of them in one process: importing torch takes seconds."""

import ast
import builtins
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.torch_script import Script

RUNNER = """
import contextlib, io, json, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
printed = {}
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    torch.set_default_dtype(torch.float32)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(path.read_bytes(), str(path), "exec"), {"__name__": "__main__", "__file__": str(path)})
    printed[path.stem] = out.getvalue()
Path(sys.argv[1], "printed.json").write_text(json.dumps(printed), encoding="utf-8")
"""


def run_scripts(scripts: Mapping[str, Script], folder: Path) -> dict[str, str]:
    """What each script prints; a warning of torch or NumPy is an error."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("could not import 'torch'")
    for place, script in enumerate(scripts.values()):
        (folder / f"{place}.py").write_text(script.text, encoding="utf-8")
        if script.data is not None:
            (folder / f"{place}.npz").write_bytes(script.data)
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER, str(folder)],
        cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    printed = json.loads((folder / "printed.json").read_text(encoding="utf-8"))
    return {name: printed[str(place)] for place, name in enumerate(scripts)}


def unknown_names(tree: ast.Module) -> set[str]:
    """Names that are read and never set, and imports that are never read."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    stored |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    aliases = [a for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names]
    imported = {alias.asname or alias.name for alias in aliases}
    return (read - stored - imported - set(dir(builtins)) - {"__file__"}) | (imported - read)

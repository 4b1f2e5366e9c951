"""Who goes first where processors are few: the window, before what computes for it."""

import contextlib
import os
import sys

_NICE = 10
"""Steps that a process steps back by: then the window gets nine tenths of a processor that both want."""
_BELOW_NORMAL = 0x4000


def step_back() -> None:
    """Let the window go first, from now on; where nobody else wants the processors nothing is lost."""
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.SetPriorityClass.argtypes = (wintypes.HANDLE, wintypes.DWORD)
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        with contextlib.suppress(OSError):
            os.nice(_NICE)

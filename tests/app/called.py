"""What tests have called in other processes: those import this, and nothing that takes long."""

import os
import signal
import time

from core.errors import InputError


def double(number):
    return 2 * number


def refuse():
    raise InputError("No such thing.")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def linger():
    time.sleep(600)


def exit_with_nine():
    os._exit(9)

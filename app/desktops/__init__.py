"""Tells desktops that this program opens experiments, for the person who asks for it and nobody else.

Each module has `register(command)` and `remove()`, where `command` is what starts this program. Their OSError
is for the caller to say.
"""

OPEN = ("open", "--in-window")
"""Follows what starts the program, where a file follows in turn: there is no terminal to complain in."""

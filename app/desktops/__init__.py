"""Tells desktops that this program opens experiments, for the person who asks for it and nobody else.

Each module has `register(command)` and `remove()`, where `command` is what starts this program; an OSError
is whoever calls's to say.
"""

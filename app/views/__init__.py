"""Widgets: set_* in, signals out. They know neither document nor jobs nor playback."""

"""The window and the command line of Optiscope; the only place that knows Qt."""

__version__ = "0.1.0"

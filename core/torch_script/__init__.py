"""Experiments as PyTorch scripts: short, readable, and with the same numbers as the window."""

from core.torch_script.networks import network_script
from core.torch_script.surfaces import surface_script
from core.torch_script.writing import Script

__all__ = ["Script", "network_script", "surface_script"]

"""The version, where every room can read it without pulling the whole package in."""

__version__ = "0.1.0"

"""One file for each command; each exposes a click command called ``command``."""

"""TeX as text, before anything is read of it: macros, spelling, what has no meaning, each character with its place."""

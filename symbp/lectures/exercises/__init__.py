"""Exercises made of a derivation, with solutions that are proved or computed."""

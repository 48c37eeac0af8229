"""Verdicts on formulas: given a meaning in a network, decided exactly where that is possible, explained where wrong.

The stages, in order: a syntax tree (:mod:`symbp.formula`), in LaTeX with the reading that is meant (:mod:`.readings`), whose
names and operations are given a meaning over typed axes (:mod:`.meaning`, :mod:`.problems`); both sides are compared at random
points (:mod:`.proof`), and edits of the tree explain what is wrong (:mod:`.diagnosis`). :mod:`.judge` goes through them for one
claim after the other; :mod:`symbp.documents` is about files of claims, and marked copies of pages.
"""

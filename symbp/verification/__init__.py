"""Verdicts on formulas: read, given a meaning in a network, decided exactly where that is possible, explained where wrong.

The stages, in order: a reader makes a syntax tree (:mod:`.language`, :mod:`.latex`), whose names and operations are given a
meaning over typed axes (:mod:`.meaning`, :mod:`.problems`), both sides are compared at random points (:mod:`.proof`), and
edits of the tree explain what is wrong (:mod:`.diagnosis`). :mod:`.judge` goes through them for one claim after the other,
:mod:`.jobs` for the files of a command, and :mod:`.marking` writes marked copies of pages.
"""

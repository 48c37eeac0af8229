"""Verdicts as pages: a marked copy of a document in LaTeX or HTML, and a page for claims that stand alone.

What was judged becomes a :class:`.report.Report` (sections with marks); :mod:`.structure` says which parts of a formula can be
marked, :mod:`.copying` writes marks into a text, :mod:`.latex_copy` and :mod:`.latex_page` make LaTeX of it, and :mod:`.html`
a page that reads without a network. Text from outside is escaped for the language that it goes to.
"""

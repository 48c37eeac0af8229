"""The languages of claims but LaTeX: a grammar, the syntax tree that every language is read into, and how it is printed."""

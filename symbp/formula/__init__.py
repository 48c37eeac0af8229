"""A formula as text and as a tree: one syntax tree, which every language is read into, their grammars, and how it is printed."""

"""LaTeX as people write it: equations into the syntax tree, by the letters of a convention, and back."""

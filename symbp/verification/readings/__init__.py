"""Which reading of an equation in LaTeX is meant: its letters in a notation, its layers, examples and shapes; and back."""

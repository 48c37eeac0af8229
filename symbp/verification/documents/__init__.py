"""Documents in LaTeX and Markdown: where their mathematics stands, its equations, and the verdicts on them."""

"""Documents in LaTeX and Markdown and files of claims: their equations, the verdicts on them, and copies with their marks."""

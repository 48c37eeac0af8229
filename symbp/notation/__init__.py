"""How a lecturer writes, for printing and for reading; and the environment of the templates."""

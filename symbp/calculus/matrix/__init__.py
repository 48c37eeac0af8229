"""Index equations read as matrix algebra: the nodes, their canonical form, the reading, and how they print."""

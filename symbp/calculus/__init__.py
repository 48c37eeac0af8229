"""Index notation on SymPy: the only place that differentiates."""

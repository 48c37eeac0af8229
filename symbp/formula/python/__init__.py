"""Functions of NumPy's written in Python, read as text into the same trees as claims; nothing of them is ever run."""

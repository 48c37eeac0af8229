"""The second lowering, for the trainer: one training step as single NumPy operations into memory that was taken before."""

"""What a syntax tree means: names are tensors with typed axes, operations are index notation."""

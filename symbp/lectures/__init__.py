"""Pages that need more than the derivation: numbers, curves, code, exercises, composed of the rooms below."""

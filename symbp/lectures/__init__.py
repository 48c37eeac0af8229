"""Pages that need more than the derivation: numbers, curves, code, exercises, verdicts, composed of the rooms below."""

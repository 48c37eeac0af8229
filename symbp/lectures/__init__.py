"""Pages that need more than the derivation: here it is composed with the generated code and whatever else stands beside it."""

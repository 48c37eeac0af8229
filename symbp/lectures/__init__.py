"""Pages that need more than the derivation: worked numbers, exercises; composed of what notes, codegen and verification have."""

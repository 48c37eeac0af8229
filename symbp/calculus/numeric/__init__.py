"""Programs evaluated: number systems, the plain evaluator that is every test's oracle, and the vectorised one."""

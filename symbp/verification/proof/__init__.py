"""Whether the two sides of a claim are equal: random points in finite fields and in floats, and what those could miss."""

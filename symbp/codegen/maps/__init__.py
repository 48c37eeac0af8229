"""A module of any forward map: its results, and the gradients of its arguments against their upstreams."""

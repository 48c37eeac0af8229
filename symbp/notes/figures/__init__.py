"""The pictures of a page, each from the derivation that the page is about."""

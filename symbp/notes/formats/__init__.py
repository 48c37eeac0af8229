"""One file a format: blocks printed as plain values for a template, which only lays out."""

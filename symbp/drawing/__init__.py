"""Pictures before any format, where their labels stand, and how they are printed: TikZ and SVG."""

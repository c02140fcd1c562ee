"""How much a damaged capture costs: damage of known extent, counted against the whole capture."""

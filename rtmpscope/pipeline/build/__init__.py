"""Tables out of what one pass over the capture decoded; one module per group of tables."""

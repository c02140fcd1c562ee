"""Capture files → columnar packet batches → TCP segment batches."""

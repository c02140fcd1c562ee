"""Streams out of a capture as files that players open."""

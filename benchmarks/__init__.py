"""Workloads and the side-by-side run against tshark."""

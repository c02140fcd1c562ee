"""The workloads, and the bench on a tiny scale."""

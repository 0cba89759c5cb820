"""Runs each kind of job: one file for each kind, each a function of (claim, lease)."""

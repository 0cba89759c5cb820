"""How each kind of job is run: one file a kind, each a function of (claim, lease)."""

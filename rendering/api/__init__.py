"""The HTTP API at /api/v1/: the same services as the desk and the commands, for programs with a token."""

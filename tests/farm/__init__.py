"""Installations whose renders are made up, so that their queue, database and network can be driven hard."""

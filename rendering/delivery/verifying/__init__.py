"""What a file is that somebody brings: delivered by us, changed since, still current."""

"""One short file a dialect."""

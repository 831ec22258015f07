"""What the warehouse holds."""

"""What a user wrote, as text with places: YAML nodes with spans, reading them strictly, and complaints that point at them."""

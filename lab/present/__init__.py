"""What a reader sees: reports as text and as JSON."""

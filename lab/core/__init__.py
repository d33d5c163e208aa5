"""The vocabulary of the lab; it has no opinion."""

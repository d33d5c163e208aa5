"""What can be made wrong: one class each, registered where it is defined."""

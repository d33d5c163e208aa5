"""The judge: follows the chain of trust and keeps every check as evidence."""

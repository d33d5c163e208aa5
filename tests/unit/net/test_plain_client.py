"""The blocking client, against servers that are threads of the test."""

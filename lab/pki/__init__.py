"""Certificates and the operators' own certification authorities."""

"""Zones, operators, certification authorities and faults, assembled."""

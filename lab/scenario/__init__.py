"""Scenario files: steps, loader and runner."""

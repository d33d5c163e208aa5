"""TLSA records, matching and the decision about a TLS peer."""

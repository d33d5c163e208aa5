"""The authoritative server: pure code from query octets to answer octets."""

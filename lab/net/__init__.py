"""Sockets: the only place, with the composition root, that knows Twisted."""

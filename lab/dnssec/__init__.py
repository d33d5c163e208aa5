"""Keys, signatures, delegations and denial: what signer and validator share."""

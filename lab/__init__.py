"""A DNSSEC and DANE lab that runs on one machine, offline: `lab up`."""

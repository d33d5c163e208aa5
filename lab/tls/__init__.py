"""TLS over memory buffers, with the DANE client identity extension."""

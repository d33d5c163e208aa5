"""LoRaWAN between operators: the Backend Interfaces and the servers that speak them."""

"""LoRaWAN over the air: frames, keys, regions, airtime, fragments, gateways and end devices."""

"""Make 32 bits of the 16 that travel of a frame counter (LoRaWAN 1.1 section 4.3.1.5)."""

COUNTER = 1 << 16
"""How many values the counter of a frame has on air."""


def whole_counter(low: int, least: int) -> int:
    """Return the counter of 32 bits, not below *least*, whose low 16 bits are *low*.

    LoRaWAN 1.1 section 4.3.1.5: the receiver makes up the upper half. A replayed frame gets one
    that it was not sent with, and so a wrong MIC.
    """
    return least + (low - least) % COUNTER

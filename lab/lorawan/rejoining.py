"""Ask, as an end device that has been let in, for a new session while the old one works.

LoRaWAN 1.1 section 6.2.4. A type 0 or 2 Rejoin-Request is signed with a key of the session and
counted by RJcount0, which each session begins anew; type 1 is signed with a key for good, and
counted by RJcount1, which never begins anew: whoever recorded one cannot use it again.
"""

from dataclasses import replace

from lab.core.errors import InputError
from lab.lorawan.device import MAX_NONCE, Device, Rejoining
from lab.lorawan.frames import RejoinKind, RejoinRequest
from lab.lorawan.keys import Version, join_server_keys
from lab.lorawan.security import Rejoined, rejoin_mic


def rejoin(device: Device, kind: RejoinKind) -> tuple[RejoinRequest, Device]:
    """Return a Rejoin-Request, and the device that waits for its answer.

    Raises:
        InputError: it has no session of LoRaWAN 1.1, or has used up the counter.
    """
    session = device.session
    if session is None or session.version is not Version.LORAWAN_1_1:
        raise InputError(f"device {device.dev_eui} has no session of LoRaWAN 1.1, to rejoin from")
    roams = kind is RejoinKind.ROAM
    count = device.rj_count_1 if roams else session.rj_count_0
    if count > MAX_NONCE:
        raise InputError(f"device {device.dev_eui} has used every RJcount{roams:d} there is")
    home = device.join_eui if roams else session.net_id
    bare = RejoinRequest(kind, home, device.dev_eui, count)
    if roams:
        key, _ = join_server_keys(device.root, device.dev_eui)
        counted = replace(device, rj_count_1=count + 1)
    else:
        key = session.keys.s_nwk_s_int_key
        counted = replace(device, session=replace(session, rj_count_0=count + 1))
    request = replace(bare, mic=rejoin_mic(bare, key))
    return request, replace(counted, asked=None, rejoining=Rejoining(kind, count))


def asked_for(device: Device, rejoining: Rejoining) -> Rejoined:
    """Return the request for which *device* waits, as far as its answer depends on it."""
    assert device.session is not None, "who rejoins has a session"
    roams = rejoining.kind is RejoinKind.ROAM
    home = device.join_eui if roams else device.session.net_id
    request = RejoinRequest(rejoining.kind, home, device.dev_eui, rejoining.count)
    return Rejoined(request, device.join_eui)

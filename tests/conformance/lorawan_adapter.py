"""Compute what a LoRaWAN vector asks for: one JSON object a line in, one a line out.

In: `{"group": …, "input": {…}}`, as the shared vectors have it. Out: the computed fields, more than
a vector may name; `{"error": sentence}` if the input makes no sense.
"""

import json
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import dns.name
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from dns.exception import DNSException

from lab.core.errors import InputError, LabError
from lab.lorawan.aes import cmac, encrypt_blocks
from lab.lorawan.airtime import Fsk, LoRa, Modulation, airtime_us
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    DlSettings,
    JoinAccept,
    JoinRequest,
    RejoinKind,
    RejoinRequest,
    pull_frame,
    pull_join_accept,
)
from lab.lorawan.identifiers import (
    JOINEUIS,
    NETIDS,
    DevAddr,
    Eui64,
    NetId,
    join_eui_name,
    net_id_name,
)
from lab.lorawan.key_envelope import KeyEnvelope, unwrap, wrap
from lab.lorawan.keys import RootKeys, SessionKeys, Version, derive, join_server_keys, key_from_text
from lab.lorawan.regions import REGIONS
from lab.lorawan.schc import DOWNLINK_RULE, UPLINK_RULE
from lab.lorawan.schc_downlink import DownlinkReceiver, DownlinkSender
from lab.lorawan.schc_uplink import UplinkReceiver, UplinkSender
from lab.lorawan.security import (
    JOIN,
    FOptsCounter,
    Sealing,
    bound,
    crypt,
    crypt_f_opts,
    data_mic,
    join_request_mic,
    rejoin_mic,
)
from lab.lorawan.transfer import everything, run
from lab.pki.c509 import pull_c509, push_c509
from tests.conformance.lorawan_backend import answered

# What garbage in a vector may lead to.
NONSENSE = (
    KeyError,
    TypeError,
    ValueError,
    OverflowError,
    AttributeError,
    DNSException,
    struct.error,
)

Fields = Mapping[str, Any]
Computed = dict[str, Any]

NO_MIC = bytes(4)
_LEAST_HZ = 1000
"""A smaller bandwidth is in kHz."""
NAMES_OF_KEYS = ("f_nwk_s_int_key", "s_nwk_s_int_key", "nwk_s_enc_key", "app_s_key")


def octets(fields: Fields, name: str, default: str | None = None) -> bytes:
    """Return the octets that *fields* write in hexadecimal as *name*."""
    text = fields.get(name, default)
    if not isinstance(text, str):
        raise InputError(f"hexadecimal text is missing in {name!r}")
    return bytes.fromhex(text.removeprefix("0x"))


def secret(fields: Fields, *names: str) -> bytes:
    """Return the first key among *names* that is given."""
    for name in names:
        if fields.get(name):
            return key_from_text(fields[name])
    raise InputError(f"a key is missing: {' or '.join(names)}")


def eui(fields: Fields, name: str) -> Eui64:
    """Return the EUI called *name*; zero if none is given, as many vectors need none."""
    return Eui64.from_text(fields.get(name) or "0" * 16)


def net_id(fields: Fields) -> NetId:
    """Return the NetID, whichever way it is spelled."""
    return NetId.from_text(fields.get("netid") or fields.get("net_id") or "000000")


def number(fields: Fields, *names: str, default: int = 0) -> int:
    """Return the first number among *names* that is given."""
    given = (fields[name] for name in names if fields.get(name) is not None)
    return int(next(given, default))


def direction(fields: Fields) -> Direction:
    """Return which way the frame goes."""
    return Direction[str(fields["dir"]).upper()]


def _judged(mic: bytes, found: bytes) -> Computed:
    return {"mic": mic.hex(), "mic_ok": mic == found, "right_mic": mic.hex()}


def join_request(fields: Fields) -> Computed:
    """Make a Join-Request."""
    nonce = number(fields, "dev_nonce")
    frame = JoinRequest(eui(fields, "join_eui"), eui(fields, "dev_eui"), nonce)
    mic = join_request_mic(frame, secret(fields, "key", "nwk_key", "app_key"))
    return {"mic": mic.hex(), "phy": (frame.without_mic() + mic).hex()}


def join_request_bad(fields: Fields) -> Computed:
    """Judge the MIC of a Join-Request."""
    frame = pull_frame(octets(fields, "phy"))
    if not isinstance(frame, JoinRequest):
        raise InputError("this frame is no Join-Request")
    mic = join_request_mic(frame, secret(fields, "key", "nwk_key", "app_key"))
    return {
        **_judged(mic, frame.mic),
        "join_eui": str(frame.join_eui),
        "dev_eui": str(frame.dev_eui),
        "dev_nonce": frame.dev_nonce,
    }


def rejoin_request(fields: Fields) -> Computed:
    """Make a Rejoin-Request, or the MIC of one that is given."""
    if "msg" in fields or "phy" in fields:
        message = octets(fields, "msg") + NO_MIC if "msg" in fields else octets(fields, "phy")
        frame = pull_frame(message)
    else:
        kind = RejoinKind(number(fields, "rejoin_type", "type", "kind"))
        home = eui(fields, "join_eui") if kind is RejoinKind.ROAM else net_id(fields)
        count = number(fields, "rj_count", "rj_count0", "rj_count1", "dev_nonce")
        frame = RejoinRequest(kind, home, eui(fields, "dev_eui"), count)
    if not isinstance(frame, RejoinRequest):
        raise InputError("this frame is no Rejoin-Request")
    mic = rejoin_mic(frame, secret(fields, "key", "s_nwk_s_int_key", "js_int_key"))
    return {"phy": (frame.without_mic() + mic).hex(), **_judged(mic, frame.mic)}


def binding(fields: Fields) -> bytes:
    """Return what the MIC of a Join-Accept of 1.1 covers of the request."""
    kind = number(fields, "join_req_type", default=JOIN)
    return bound(kind, eui(fields, "join_eui"), number(fields, "dev_nonce", "rj_count"))


def join_accept(fields: Fields) -> Computed:
    """Seal a Join-Accept with the keys that are given, or open one."""
    sealing = Sealing(
        secret(fields, "mic_key", "js_int_key", "key", "nwk_key", "app_key"),
        secret(fields, "enc_key", "js_enc_key", "key", "nwk_key", "app_key"),
    )
    if "phy" in fields:
        return _opened(fields, octets(fields, "phy"), sealing)
    settings = fields.get("dl_settings") or 0
    dl_settings = DlSettings.pull(int(settings, 16) if isinstance(settings, str) else settings)
    accept = JoinAccept(
        number(fields, "join_nonce"),
        net_id(fields),
        DevAddr.from_text(fields["dev_addr"]),
        dl_settings,
        number(fields, "rx_delay"),
        octets(fields, "cf_list" if "cf_list" in fields else "cflist", ""),
    )
    sealing = _bound(sealing, accept, fields)
    covered = accept.without_mic()
    mic = sealing.mic(covered)
    return {
        "mic": mic.hex(),
        "phy": sealing.seal(accept).hex(),
        "plaintext": (covered[1:] + mic).hex(),
    }


def _bound(sealing: Sealing, accept: JoinAccept, fields: Fields) -> Sealing:
    if not accept.dl_settings.opt_neg or "join_eui" not in fields:
        return sealing
    return replace(sealing, bound=binding(fields))


def _opened(fields: Fields, phy: bytes, sealing: Sealing) -> Computed:
    plain = encrypt_blocks(sealing.enc_key, phy[1:])
    covered, mic = phy[:1] + plain[:-4], plain[-4:]
    accept = pull_join_accept(covered)
    return {
        "plaintext": plain.hex(),
        "join_nonce": accept.join_nonce,
        "netid": str(accept.net_id),
        "dev_addr": str(accept.dev_addr),
        "dl_settings": accept.dl_settings.push(),
        "rx_delay": accept.rx_delay,
        "cf_list": accept.cf_list.hex(),
        **_judged(_bound(sealing, accept, fields).mic(covered), mic),
    }


def join_accept_mic11(fields: Fields) -> Computed:
    """Make the MIC of a Join-Accept of 1.1."""
    key = secret(fields, "mic_key", "js_int_key", "key")
    return {"mic": Sealing(key, key, binding(fields)).mic(octets(fields, "msg")).hex()}


def _session(fields: Fields, root: RootKeys, version: Version, *, opt_neg: bool) -> Computed:
    nonces = number(fields, "join_nonce"), number(fields, "dev_nonce", "rj_count")
    keys = derive(
        root, version, opt_neg, nonces[0], net_id(fields), eui(fields, "join_eui"), nonces[1]
    )
    named = {name: getattr(keys, name).hex() for name in NAMES_OF_KEYS}
    return named if opt_neg else {**named, "nwk_s_key": keys.f_nwk_s_int_key.hex()}


def session_keys_10(fields: Fields) -> Computed:
    """Derive the session keys of 1.0."""
    root = RootKeys.of_1_0(secret(fields, "app_key", "nwk_key"))
    return _session(fields, root, Version.LORAWAN_1_0, opt_neg=False)


def _two_roots(fields: Fields) -> RootKeys:
    nwk_key = secret(fields, "nwk_key")
    return RootKeys(nwk_key, secret(fields, "app_key") if fields.get("app_key") else nwk_key)


def session_keys_11(fields: Fields) -> Computed:
    """Derive the session keys of 1.1 on a network of 1.1, unless it is told to be of 1.0."""
    opt_neg = bool(fields.get("opt_neg", True))
    return _session(fields, _two_roots(fields), Version.LORAWAN_1_1, opt_neg=opt_neg)


def session_keys_11_optneg0(fields: Fields) -> Computed:
    """Derive the session keys of a 1.1 device on a network of 1.0."""
    return _session(fields, _two_roots(fields), Version.LORAWAN_1_1, opt_neg=False)


def known_nonconformant(fields: Fields) -> Computed:
    """Compute what the specification says where published values are wrong."""
    if "dev_eui" in fields:
        return {"octets_cmac": _iid_cmac(fields).hex()}
    return {"conformant_11": session_keys_11(fields)}


def js_keys(fields: Fields) -> Computed:
    """Derive the two keys of the join server."""
    js_int_key, js_enc_key = join_server_keys(_two_roots(fields), eui(fields, "dev_eui"))
    return {"js_int_key": js_int_key.hex(), "js_enc_key": js_enc_key.hex()}


def key_wrap(fields: Fields) -> Computed:
    """Wrap a key, or unwrap one."""
    kek = octets(fields, "kek")
    if "wrapped" in fields:
        return {"key": unwrap(KeyEnvelope("kek", octets(fields, "wrapped")), {"kek": kek}).hex()}
    return {"wrapped": wrap(octets(fields, "key"), "kek", kek).aes_key.hex()}


def _session_keys(fields: Fields) -> SessionKeys:
    """Return the keys that are given; a missing one is never used, or stands for another."""
    forwarding = ("f_nwk_s_int_key", "nwk_s_key", "s_nwk_s_int_key", "key")
    serving = ("s_nwk_s_int_key", "nwk_s_key", "f_nwk_s_int_key", "key")
    return SessionKeys(secret(fields, *forwarding), secret(fields, *serving), b"", b"")


def _mic(fields: Fields, frame: DataFrame, way: Direction) -> bytes:
    return data_mic(
        frame,
        way,
        number(fields, "fcnt32", "fcnt", default=frame.f_cnt),
        _session_keys(fields),
        Version.from_text(str(fields.get("version", "1.0"))),
        conf_f_cnt=number(fields, "conf_fcnt", "conf_f_cnt"),
        tx_dr=number(fields, "tx_dr"),
        tx_ch=number(fields, "tx_ch"),
    )


def _pull_data(message: bytes) -> DataFrame:
    frame = pull_frame(message)
    if not isinstance(frame, DataFrame):
        raise InputError("this is no data frame")
    return frame


def data_frame(fields: Fields) -> Computed:
    """Read a data frame, judge its MIC and decrypt what keys are given for."""
    frame = _pull_data(octets(fields, "phy"))
    f_cnt = number(fields, "fcnt32", "fcnt", default=frame.f_cnt)
    computed: Computed = {
        "dev_addr": str(frame.dev_addr),
        "dir": frame.direction.name.lower(),
        "fcnt": frame.f_cnt,
        "fopts": frame.f_opts.hex(),
        "fport": frame.f_port,
    }
    if any(name.endswith("int_key") or name == "nwk_s_key" for name in fields):
        computed |= _judged(_mic(fields, frame, frame.direction), frame.mic)
    if "nwk_s_enc_key" in fields and fields.get("version") == "1.1":
        application = frame.direction is Direction.DOWN and bool(frame.f_port)
        counter = FOptsCounter.APPLICATION if application else FOptsCounter.NETWORK
        key, way = secret(fields, "nwk_s_enc_key"), frame.direction
        plain = crypt_f_opts(key, way, frame.dev_addr, f_cnt, frame.f_opts, counter)
        computed["fopts"] = plain.hex()
    names = ("app_s_key",) if frame.f_port else ("nwk_s_enc_key", "nwk_s_key")
    if "payload_key" in fields or any(name in fields for name in names):
        key = secret(fields, "payload_key", *names)
        plain = crypt(key, frame.direction, frame.dev_addr, f_cnt, frame.frm_payload)
        computed["frm_plain"] = plain.hex()
    return computed


def data_mic_of(fields: Fields) -> Computed:
    """Make the MIC of a data frame."""
    return {
        "mic": _mic(fields, _pull_data(octets(fields, "msg") + NO_MIC), direction(fields)).hex()
    }


def _turned(fields: Fields, turn: Callable[[bytes], bytes]) -> Computed:
    """Return the cipher of a plain text, or the plain text of a cipher."""
    if "plain" in fields:
        return {"cipher": turn(octets(fields, "plain")).hex()}
    return {"plain": turn(octets(fields, "cipher")).hex()}


def frm_payload(fields: Fields) -> Computed:
    """Encrypt or decrypt a payload."""
    address, f_cnt = DevAddr.from_text(fields["dev_addr"]), number(fields, "fcnt32", "fcnt")
    key = secret(fields, "key", "app_s_key", "nwk_s_enc_key", "nwk_s_key")
    return _turned(fields, lambda data: crypt(key, direction(fields), address, f_cnt, data))


def f_opts(fields: Fields) -> Computed:
    """Encrypt or decrypt FOpts."""
    address, f_cnt = DevAddr.from_text(fields["dev_addr"]), number(fields, "fcnt32", "fcnt")
    key, way = secret(fields, "nwk_s_enc_key", "key"), direction(fields)
    counter = FOptsCounter.APPLICATION if fields.get("afcntdown") else FOptsCounter.NETWORK
    return _turned(fields, lambda data: crypt_f_opts(key, way, address, f_cnt, data, counter))


def dns_joineui(fields: Fields) -> Computed:
    """Name a JoinEUI."""
    eui = Eui64.from_text(fields["join_eui"])
    return _named(join_eui_name(eui, _suffix(fields, JOINEUIS)))


def dns_netid(fields: Fields) -> Computed:
    """Name a NetID."""
    return _named(net_id_name(net_id(fields), _suffix(fields, NETIDS)))


def _suffix(fields: Fields, usual: dns.name.Name) -> dns.name.Name:
    """Return what stands behind the labels; ChirpStack writes it with a dot before it."""
    text = fields.get("suffix")
    return dns.name.from_text(text.strip(".")) if text else usual


def _named(name: dns.name.Name) -> Computed:
    text = name.to_text(omit_final_dot=True)
    return {"name": text, "labels": len(name.labels) - 1, "length": len(text)}


def devaddr_prefix(fields: Fields) -> Computed:
    """Tell which addresses belong to a NetID."""
    network = net_id(fields)
    prefix = str(network.dev_addr(0))
    return {"bits": network.prefix_bits, "prefix": prefix, "type": network.type}


def airtime(fields: Fields) -> Computed:
    """Tell how long a frame takes."""
    words = {"auto": None, "none": None, "true": True, "on": True, "1": True}
    optimized = words.get(str(fields.get("ldro", "auto")).lower(), False)
    bandwidth = number(fields, "bw", "bandwidth", default=125_000)
    if "sf" in fields:
        modulation: Modulation = LoRa(
            number(fields, "sf"),
            bandwidth if bandwidth >= _LEAST_HZ else 1000 * bandwidth,
            number(fields, "cr", default=1),
            number(fields, "preamble", default=8),
            bool(fields.get("crc", True)),
            bool(fields.get("implicit_header", fields.get("ih", False))),
            optimized,
        )
    else:
        rate = number(fields, "bit_rate", "bitrate", default=50_000)
        modulation = Fsk(rate, number(fields, "preamble", default=5))
    us = airtime_us(number(fields, "phy_len", "size", "len"), modulation)
    return {"us": us, "ms": us / 1000}


def max_payload(fields: Fields) -> Computed:
    """Tell how much fits into a frame."""
    region = REGIONS.get(str(fields["region"]))
    if region is None:
        raise InputError(f"{fields['region']!r} is not among {', '.join(REGIONS)}")
    rate = region.data_rate(number(fields, "dr"))
    payload = rate.direct if fields.get("repeater", True) is False else rate.max_payload
    return {"N": payload, "M": payload + 8}


def _iid_cmac(fields: Fields) -> bytes:
    return cmac(secret(fields, "app_s_key"), eui(fields, "dev_eui").octets)


def schc_iid(fields: Fields) -> Computed:
    """Derive the IPv6 interface identifier of a device."""
    return {"iid": _iid_cmac(fields)[:8].hex()}


def _fragments(way: Direction, fields: Fields) -> Computed:
    """List what is on air in one direction if nothing is lost."""
    packet, mtu = octets(fields, "schc_packet"), number(fields, "mtu")
    if way is Direction.UP:
        transfer = run(UplinkSender.start(packet, mtu), UplinkReceiver(), way, everything)
    else:
        transfer = run(DownlinkSender.start(packet, mtu), DownlinkReceiver(), way, everything)
    rule = number(fields, "rule_id", default=(UPLINK_RULE, DOWNLINK_RULE)[way])
    frames = [[rule, one.payload.hex()] for one in transfer.messages if one.direction is way]
    return {"count": len(frames), "frames": frames, "reassembled": transfer.packet.hex()}


def schc_uplink(fields: Fields) -> Computed:
    """Fragment a packet of a device."""
    return _fragments(Direction.UP, fields)


def schc_downlink(fields: Fields) -> Computed:
    """Fragment a packet to a device."""
    return _fragments(Direction.DOWN, fields)


def c509(fields: Fields) -> Computed:
    """Re-encode a certificate, or expand one."""
    given = fields.get("c509_sequence") or fields.get("c509")
    if given and "der" not in fields:
        certificate = pull_c509(bytes.fromhex(given))
    else:
        certificate = x509.load_der_x509_certificate(octets(fields, "der"))
    sequence, der = push_c509(certificate), certificate.public_bytes(Encoding.DER)
    return {
        "c509_len": len(sequence),
        "c509_sequence": sequence.hex(),
        "der_len": len(der),
        "der": der.hex(),
    }


GROUPS: dict[str, Callable[[Fields], Computed]] = {
    "join_request": join_request,
    "join_request_bad": join_request_bad,
    "rejoin_request": rejoin_request,
    "rejoin_request_bad": rejoin_request,
    "join_accept": join_accept,
    "join_accept_mic11": join_accept_mic11,
    "session_keys_10": session_keys_10,
    "session_keys_11": session_keys_11,
    "session_keys_11_optneg0": session_keys_11_optneg0,
    "known_nonconformant": known_nonconformant,
    "js_keys": js_keys,
    "key_wrap": key_wrap,
    "data_frame": data_frame,
    "data_frame_bad": data_frame,
    "data_mic": data_mic_of,
    "frm_payload": frm_payload,
    "fopts": f_opts,
    "dns_joineui": dns_joineui,
    "dns_netid": dns_netid,
    "devaddr_prefix": devaddr_prefix,
    "airtime": airtime,
    "max_payload": max_payload,
    "schc_iid": schc_iid,
    "schc_uplink": schc_uplink,
    "schc_downlink": schc_downlink,
    "c509": c509,
    "backend_join": answered,
    "backend_homens": answered,
}


def answer(vector: Fields) -> Computed:
    """Return the computed fields of *vector*, or `error`."""
    try:
        # A group that is not known is computed as the one whose name it continues.
        names = [name for name in GROUPS if str(vector["group"]).startswith(name)]
        if not names:
            return {"error": f"there is no group {vector['group']!r}"}
        return GROUPS[max(names, key=len)](vector["input"])
    except LabError as error:
        return {"error": str(error)}
    except NONSENSE as error:
        return {"error": f"the input of this vector makes no sense: {error!r}"}


def main() -> None:
    """Answer each line of the standard input at once."""
    for line in sys.stdin:
        if line.strip():
            try:
                computed = answer(json.loads(line))
            except json.JSONDecodeError as error:
                computed = {"error": f"this line is no JSON: {error}"}
            sys.stdout.write(json.dumps(computed) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()

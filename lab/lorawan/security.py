"""MICs and encryption of frames (LoRaWAN 1.0.2 and 1.1 sections 4.3.3, 4.4 and 6.2).

A MIC is computed here and compared by whoever judges the frame: a wrong one is a "no" with its own
consequences at each place. Only a Join-Accept is checked while it is opened, since without the
right key it is noise.
"""

from dataclasses import field
from enum import IntEnum
from hmac import compare_digest

from lab.core.errors import PeerError
from lab.core.frozen import dataclass
from lab.lorawan.aes import BLOCK, cmac, decrypt_blocks, encrypt_blocks
from lab.lorawan.frames import (
    DataFrame,
    Direction,
    DlSettings,
    FCtrl,
    JoinAccept,
    JoinRequest,
    RejoinRequest,
    SealedJoinAccept,
    pull_frame,
    pull_join_accept,
)
from lab.lorawan.identifiers import DevAddr, Eui64
from lab.lorawan.keys import RootKeys, SessionKeys, Version, join_server_keys
from lab.lorawan.mhdr import MHDR_SIZE, MIC_SIZE

JOIN = 0xFF
"""The JoinReqType of a Join-Request; that of a Rejoin-Request is its kind."""

_MIC_BLOCK = 0x49
_CIPHER_BLOCK = 0x01
_HALF_MIC = MIC_SIZE // 2


class FOptsCounter(IntEnum):
    """Tell which counter belongs to encrypted FOpts (erratum "FCntDwn usage in FOpts encryption").

    Attributes:
        NETWORK: FCntUp, or NFCntDown of a downlink without application payload.
        APPLICATION: AFCntDown, of a downlink with one.
    """

    NETWORK = 1
    APPLICATION = 2


@dataclass(frozen=True, slots=True)
class Rejoined:
    """Name what a Join-Accept answers if that is a Rejoin-Request.

    Attributes:
        request: as it came.
        join_eui: of the device; the frame itself need not have it.
    """

    request: RejoinRequest
    join_eui: Eui64


def join_request_mic(frame: JoinRequest, key: bytes) -> bytes:
    """Return the right MIC; *key* is AppKey in 1.0, NwkKey in 1.1."""
    return cmac(key, frame.without_mic())[:MIC_SIZE]


def rejoin_mic(frame: RejoinRequest, key: bytes) -> bytes:
    """Return the right MIC; *key* is JSIntKey if the kind is ROAM, else SNwkSIntKey."""
    return cmac(key, frame.without_mic())[:MIC_SIZE]


@dataclass(frozen=True, slots=True)
class Sealing:
    """Hold what makes a Join-Accept unreadable and unforgeable.

    Attributes:
        mic_key: AppKey in 1.0, NwkKey or (with OptNeg) JSIntKey in 1.1.
        enc_key: AppKey in 1.0, NwkKey or (after a Rejoin-Request) JSEncKey in 1.1.
        bound: octets of the request, which the MIC covers too; only with OptNeg.
    """

    mic_key: bytes = field(repr=False)
    enc_key: bytes = field(repr=False)
    bound: bytes = b""

    def mic(self, covered: bytes) -> bytes:
        """Return the MIC over *covered*: MHDR to CFList."""
        return cmac(self.mic_key, self.bound + covered)[:MIC_SIZE]

    def seal(self, accept: JoinAccept) -> bytes:
        """Return *accept* as it goes on air."""
        octets = accept.without_mic()
        octets += self.mic(octets)
        # LoRaWAN 1.1 section 6.2.3: the server decrypts, so that a device needs encryption only.
        return octets[:MHDR_SIZE] + decrypt_blocks(self.enc_key, octets[MHDR_SIZE:])


def sealing(
    root: RootKeys, version: Version, dl_settings: DlSettings, request: JoinRequest | Rejoined
) -> Sealing:
    """Return the keys for a Join-Accept with *dl_settings* that answers *request*."""
    dev_eui = request.dev_eui if isinstance(request, JoinRequest) else request.request.dev_eui
    js_int_key, js_enc_key = join_server_keys(root, dev_eui)
    enc_key = root.nwk_key if isinstance(request, JoinRequest) else js_enc_key
    if version is Version.LORAWAN_1_0 or not dl_settings.opt_neg:
        return Sealing(root.nwk_key, enc_key)
    # LoRaWAN 1.1 section 6.2.3: the request is under the MIC too, so an old answer does not fit.
    if isinstance(request, JoinRequest):
        return Sealing(js_int_key, enc_key, bound(JOIN, request.join_eui, request.dev_nonce))
    rejoin = request.request
    return Sealing(js_int_key, enc_key, bound(rejoin.kind, request.join_eui, rejoin.rj_count))


def bound(kind: int, join_eui: Eui64, nonce: int) -> bytes:
    """Return the octets of a request that the MIC of its answer covers; *kind* is JoinReqType."""
    return bytes([kind]) + join_eui.wire + nonce.to_bytes(2, "little")


def seal_join_accept(
    accept: JoinAccept, root: RootKeys, version: Version, request: JoinRequest | Rejoined
) -> bytes:
    """Return the frame that lets a device in, which only that device can read.

    Args:
        accept: what it shall say.
        root: of the device.
        version: of the device.
        request: what is answered.
    """
    return sealing(root, version, accept.dl_settings, request).seal(accept)


def open_join_accept(
    octets: bytes, root: RootKeys, version: Version, request: JoinRequest | Rejoined
) -> JoinAccept:
    """Return what the Join-Accept *octets* says to the device that sent *request*.

    Raises:
        PeerError: it is no Join-Accept, or its MIC is wrong: it is for another or forged.
    """
    frame = pull_frame(octets)
    if not isinstance(frame, SealedJoinAccept):
        raise PeerError("this frame is no Join-Accept", octets)
    enc_key = sealing(root, version, DlSettings(), request).enc_key
    opened = octets[:MHDR_SIZE] + encrypt_blocks(enc_key, octets[MHDR_SIZE:])
    covered, mic = opened[:-MIC_SIZE], opened[-MIC_SIZE:]
    accept = pull_join_accept(covered)
    if not compare_digest(mic, sealing(root, version, accept.dl_settings, request).mic(covered)):
        raise PeerError("the MIC of this Join-Accept is wrong: it answers another device", octets)
    return accept


def data_mic(  # noqa: PLR0913 what the specification puts under a MIC
    frame: DataFrame,
    direction: Direction,
    f_cnt: int,
    keys: SessionKeys,
    version: Version,
    *,
    conf_f_cnt: int = 0,
    tx_dr: int = 0,
    tx_ch: int = 0,
) -> bytes:
    """Return the right MIC of a data frame.

    Args:
        frame: its own MIC is not looked at.
        direction: which way it goes.
        f_cnt: all 32 bits of the counter.
        keys: of the session; the version is that of the session, not of the device.
        version: 1.0 if OptNeg was not set, whatever the device could do.
        conf_f_cnt: counter of the frame that this one acknowledges. 1.1 only.
        tx_dr: data rate of a 1.1 uplink.
        tx_ch: channel of a 1.1 uplink.
    """
    octets = frame.without_mic()
    tail = bytes([direction]) + frame.dev_addr.wire + f_cnt.to_bytes(4, "little") + b"\0"
    tail += bytes([len(octets)])
    if version is Version.LORAWAN_1_0:
        return _mic(keys.f_nwk_s_int_key, bytes(4) + tail, octets)
    # LoRaWAN 1.1 section 4.4: ConfFCnt is 0 unless this frame acknowledges one.
    confirmed = conf_f_cnt & 0xFFFF if FCtrl.ACK in frame.f_ctrl else 0
    acknowledged = confirmed.to_bytes(2, "little")
    if direction is Direction.DOWN:
        return _mic(keys.s_nwk_s_int_key, acknowledged + bytes(2) + tail, octets)
    # LoRaWAN 1.1 section 4.4.1: half of it is for the serving network, half for the forwarding one.
    serving = _mic(keys.s_nwk_s_int_key, acknowledged + bytes([tx_dr, tx_ch]) + tail, octets)
    forwarding = _mic(keys.f_nwk_s_int_key, bytes(4) + tail, octets)
    return serving[:_HALF_MIC] + forwarding[:_HALF_MIC]


def forwarding_mic(frame: DataFrame, f_cnt: int, f_nwk_s_int_key: bytes) -> bytes:
    """Return the last two octets of a 1.1 uplink's MIC: all that a forwarding network can check."""
    keys = SessionKeys(f_nwk_s_int_key, f_nwk_s_int_key, b"", b"")
    return data_mic(frame, Direction.UP, f_cnt, keys, Version.LORAWAN_1_0)[:_HALF_MIC]


def crypt(key: bytes, direction: Direction, dev_addr: DevAddr, f_cnt: int, payload: bytes) -> bytes:
    """Return *payload* encrypted, or decrypted: it is the same (LoRaWAN 1.1 section 4.3.3).

    *key* is AppSKey; for FPort 0 it is NwkSEncKey (1.0: NwkSKey).
    """
    count = -(-len(payload) // BLOCK)
    blocks = (
        _cipher_block(0, direction, dev_addr, f_cnt, number) for number in range(1, count + 1)
    )
    return _xor(payload, encrypt_blocks(key, b"".join(blocks)))


def crypt_f_opts(
    key: bytes,
    direction: Direction,
    dev_addr: DevAddr,
    f_cnt: int,
    f_opts: bytes,
    counter: FOptsCounter = FOptsCounter.NETWORK,
) -> bytes:
    """Return *f_opts* encrypted, or decrypted; 1.1 only, *key* is NwkSEncKey."""
    block = _cipher_block(counter, direction, dev_addr, f_cnt, 1)
    return _xor(f_opts, encrypt_blocks(key, block))


def _mic(key: bytes, block: bytes, octets: bytes) -> bytes:
    return cmac(key, bytes([_MIC_BLOCK]) + block + octets)[:MIC_SIZE]


def _cipher_block(
    counter: int, direction: Direction, dev_addr: DevAddr, f_cnt: int, number: int
) -> bytes:
    head = bytes([_CIPHER_BLOCK, 0, 0, 0, counter, direction])
    return head + dev_addr.wire + f_cnt.to_bytes(4, "little") + bytes([0, number])


def _xor(octets: bytes, stream: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(octets, stream, strict=False))

"""What `hierarchy.toml` may say about signing and denial."""

import pytest
from dns.dnssectypes import DSDigest
from dns.zonetypes import DigestHashAlgorithm

from lab.core.errors import ZoneError
from lab.core.instant import DAY, HOUR
from lab.dnssec.keys import Duty
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.dnssec.signing import SigningPolicy
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.world.config import read_hierarchy
from lab.world.policy import Policy

HEAD = '[zone."."]\nfile = "root.zone"\nnameservers = { "ns." = "127.0.0.1" }\n'


def policy(line: str) -> Policy:
    (config,) = read_hierarchy(HEAD + line, "h.toml")
    return config.policy


def test_without_a_word_a_zone_is_signed_as_most_are() -> None:
    plain = policy("")
    assert plain.algorithm.mnemonic == "ECDSAP256SHA256"
    assert [one.label for one in plain.keys] == ["ksk", "zsk"]
    assert plain.signing == SigningPolicy()
    assert plain.ds_digests == (DSDigest.SHA256,)
    assert list(plain.warnings()) == []


@pytest.mark.parametrize("mode", DenialMode)
def test_every_way_to_deny_has_a_name(mode: DenialMode) -> None:
    assert policy(f'denial = "{mode.value}"').denial == DenialPolicy(mode)


def test_nsec3_has_parameters_and_a_warning_for_each() -> None:
    told = policy('denial = { mode = "nsec3", iterations = 5, salt = "AABB", opt_out = true }')
    hashing = Nsec3Parameters(5, bytes.fromhex("aabb"))
    assert told.denial == DenialPolicy(DenialMode.NSEC3, hashing, opt_out=True)
    iterations, salt, opt_out = told.warnings()
    assert iterations.startswith("5 NSEC3 iterations: RFC 9276 section 3.1 wants 0")
    assert salt.startswith("an NSEC3 salt")
    assert opt_out.startswith("NSEC3 opt-out")


def test_several_keys_of_a_role_have_names_of_their_own() -> None:
    keys = policy('keys = ["ksk", "ksk", "zsk", "zsk", "standby-ksk", "standby-zsk"]').keys
    assert [one.label for one in keys] == [
        "ksk",
        "ksk-2",
        "zsk",
        "zsk-2",
        "standby-ksk",
        "standby-zsk",
    ]
    assert keys[4].duties == Duty.PUBLISHED | Duty.DELEGATED
    assert keys[5].duties == Duty.PUBLISHED


def test_times_that_are_not_set_follow_from_the_lifetime() -> None:
    assert policy('lifetime = "28d"').signing == SigningPolicy(28 * DAY, HOUR, 14 * DAY, DAY)
    every = 'lifetime = "4d"\nrefresh = "1d"\njitter = 60\ninception_offset = "2h"\n'
    assert policy(every).signing == SigningPolicy(4 * DAY, 2 * HOUR, DAY, 60)


def test_a_zone_may_have_a_digest() -> None:
    assert policy("").zonemd is None
    assert policy('zonemd = "none"').zonemd is None
    assert policy('zonemd = "sha512"').zonemd == DigestHashAlgorithm.SHA512


def test_experiments_and_old_digests_are_warned_of() -> None:
    experimental, sha1 = policy('algorithm = "MLDSA44"\nds_digests = [1, 4]').warnings()
    assert experimental.startswith("MLDSA44 is experimental")
    (retired,) = policy('algorithm = "rsasha1"').warnings()
    assert retired.startswith("RSASHA1 is retired: RFC 8624")
    assert sha1.startswith("a DS with digest type 1 (SHA-1)")


MISTAKES = {
    'algorithm = "ECCGOST"': "unknown signing algorithm 'ECCGOST'",
    'denial = "none"': 'expected denial = "nsec" or "nsec3" or',
    "denial = {}": "not None",
    'denial = { mode = "nsec3", hops = 1 }': "denial has no key 'hops'; known are mode, iterations",
    'denial = { mode = "nsec", salt = "AA" }': "salt is for NSEC3; denial 'nsec' has no use for it",
    'denial = { mode = "nsec3", iterations = 2501 }': "expected iterations from 0 to 2500",
    'denial = { mode = "nsec3", iterations = true }': "expected iterations from 0 to 2500",
    'denial = { mode = "nsec3", salt = "x" }': "expected a salt in hexadecimal",
    'denial = { mode = "nsec3", salt = 5 }': "expected a salt in hexadecimal",
    f'denial = {{ mode = "nsec3", salt = "{"00" * 256}" }}': "a salt of at most 255 octets",
    'denial = { mode = "nsec3", opt_out = 1 }': "expected opt_out = true or false",
    'denial = { mode = "nsec3-minimal", opt_out = true }': "a gap around one hash opts nothing out",
    'keys = "zsk"': 'expected keys = "ksk+zsk", "csk", or a list of ksk, zsk, csk, standby-ksk',
    "keys = []": 'expected keys = "ksk+zsk"',
    "keys = 5": 'expected keys = "ksk+zsk"',
    'keys = ["ksk", "standby-zsk"]': "expected keys that sign the DNSKEY RRset and the zone",
    'zonemd = "md5"': 'expected zonemd = "sha384", "sha512" or "none"',
    "zonemd = 1": 'expected zonemd = "sha384", "sha512" or "none"',
    "ds_digests = []": "expected ds_digests = a list of 1, 2, 4",
    "ds_digests = [3]": "expected ds_digests = a list of 1, 2, 4",
    'lifetime = "long"': "expected a span such as",
    'lifetime = "1d"\nrefresh = "2d"': "refresh must be shorter than lifetime",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(line: str) -> None:
    with pytest.raises(ZoneError) as caught:
        policy(line)
    assert caught.value.where == "h.toml:4"
    assert MISTAKES[line] in caught.value.what

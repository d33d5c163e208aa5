"""What must hold for signatures, keys, delegations and denials: the DNSSEC rows of RULES."""

from lab.core.rules import Ede, rule

_RESIGN = "the operator of the zone signs it again"
_KEYS = "the operator of the zone publishes the key again, or signs with one that is published"
_DS = "the operator of the child gives the parent the DS of a key that signs its DNSKEY RRset"

# --- one RRSIG over one RRset, in the order of RFC 4035 section 5.3.1 ---------------------------

RRSIG_PRESENT = rule(
    "rrsig.present",
    "every authoritative RRset of a signed zone comes with an RRSIG",
    "RFC 4035 section 2.2",
    Ede.RRSIGS_MISSING,
    "the operator signs the RRset; or something on the way strips DNSSEC records",
)
RRSIG_SIGNER = rule(
    "rrsig.signer",
    "the signer name is the apex of the zone that holds the RRset",
    "RFC 4035 section 5.3.1",
    Ede.DNSSEC_BOGUS,
    _RESIGN,
)
RRSIG_TYPE_COVERED = rule(
    "rrsig.type-covered",
    "the type covered is the type of the RRset",
    "RFC 4035 section 5.3.1",
    Ede.DNSSEC_BOGUS,
    _RESIGN,
)
RRSIG_LABELS = rule(
    "rrsig.labels",
    "the owner has at least as many labels as the RRSIG counts",
    "RFC 4035 section 5.3.1",
    Ede.DNSSEC_BOGUS,
    _RESIGN,
)
RRSIG_ORDER = rule(
    "rrsig.order",
    "the inception is at the expiration or before it",
    "RFC 4034 section 3.1.5",
    Ede.SIGNATURE_EXPIRED_BEFORE_VALID,
    _RESIGN,
)
RRSIG_EXPIRATION = rule(
    "rrsig.expiration",
    "now is at the expiration or before it",
    "RFC 4035 section 5.3.1",
    Ede.SIGNATURE_EXPIRED,
    "the operator signs the zone again and finds out why the signer stopped; or our clock is fast",
)
RRSIG_INCEPTION = rule(
    "rrsig.inception",
    "now is at the inception or after it",
    "RFC 4035 section 5.3.1",
    Ede.SIGNATURE_NOT_YET_VALID,
    "the operator sets the clock of the signer; or our own clock is slow",
)
RRSIG_ALGORITHM = rule(
    "rrsig.algorithm",
    "the algorithm of the RRSIG is supported",
    "RFC 4035 section 5.2",
    Ede.UNSUPPORTED_DNSKEY_ALGORITHM,
    "the operator also signs with an algorithm of RFC 8624 section 3.1 that validators must know",
)
RRSIG_DNSKEY = rule(
    "rrsig.dnskey",
    "the zone publishes a DNSKEY with the key tag and algorithm of the RRSIG",
    "RFC 4035 section 5.3.1",
    Ede.DNSKEY_MISSING,
    _KEYS,
)
DNSKEY_ZONE_FLAG = rule(
    "dnskey.zone-flag",
    "the DNSKEY has the Zone Key flag",
    "RFC 4034 section 2.1.1",
    Ede.NO_ZONE_KEY_BIT_SET,
    _KEYS,
)
DNSKEY_PROTOCOL = rule(
    "dnskey.protocol",
    "the protocol of the DNSKEY is 3",
    "RFC 4034 section 2.1.2",
    Ede.DNSSEC_BOGUS,
    _KEYS,
)
DNSKEY_NOT_REVOKED = rule(
    "dnskey.not-revoked",
    "the DNSKEY is not revoked",
    "RFC 5011 section 2.1",
    Ede.DNSKEY_MISSING,
    _KEYS,
)
DNSKEY_WELL_FORMED = rule(
    "dnskey.well-formed",
    "the public key decodes as its algorithm wants",
    "RFC 4034 section 2.1.4",
    Ede.DNSSEC_BOGUS,
    _KEYS,
)
RRSIG_SIGNATURE = rule(
    "rrsig.signature",
    "the signature over the canonical RRset verifies with the DNSKEY",
    "RFC 4035 section 5.3.3",
    Ede.DNSSEC_BOGUS,
    "if all servers give the same, the operator signs again; if not, someone changed the answer",
)
RRSIG_EFFORT = rule(
    "rrsig.effort",
    "a valid signature is found within the number of verifications spent on one RRset",
    "RFC 4035 section 5.3.1, limited against CVE-2023-50387",
    Ede.DNSSEC_BOGUS,
    "the operator removes keys that share one key tag, and superfluous RRSIGs",
)

RRSIG_EVERY_ALGORITHM = rule(
    "rrsig.every-algorithm",
    "every algorithm that the DS RRset signals has made a valid signature",
    "RFC 6840 section 5.11, which asks it of signers; a validator may be told to insist",
    Ede.RRSIGS_MISSING,
    "the operator signs with each algorithm whose DS the parent publishes",
)

# --- from DS to DNSKEY ---------------------------------------------------------------------------

ANCHOR_PRESENT = rule(
    "anchor.present",
    "a trust anchor stands at or above the name",
    "RFC 4033 section 5",
    Ede.DNSSEC_INDETERMINATE,
    "whoever runs this validator gives it a trust anchor",
)
ANCHOR_MATCHES = rule(
    "anchor.matches",
    "a DNSKEY of the zone is the one that the trust anchor names",
    "RFC 4035 section 5.1",
    Ede.DNSKEY_MISSING,
    "whoever runs this validator renews its trust anchor (RFC 5011); or the zone is forged",
)
DS_DIGEST_SUPPORTED = rule(
    "ds.digest-supported",
    "the digest type of the DS is supported",
    "RFC 4035 section 5.2",
    Ede.UNSUPPORTED_DS_DIGEST_TYPE,
    "the parent also publishes a DS with SHA-256",
)
DS_ALGORITHM_SUPPORTED = rule(
    "ds.algorithm-supported",
    "the key algorithm that the DS names is supported",
    "RFC 4035 section 5.2",
    Ede.UNSUPPORTED_DNSKEY_ALGORITHM,
    "the child changes to an algorithm of RFC 8624 section 3.1 that validators must know",
)
DS_NOT_DOWNGRADED = rule(
    "ds.not-downgraded",
    "a SHA-1 DS counts only where no DS has a stronger digest that is supported",
    "RFC 4509 section 3",
    None,
    "the parent removes the SHA-1 DS",
)
DS_MATCHES = rule(
    "ds.matches",
    "a DNSKEY of the child has the key tag, algorithm and digest of the DS",
    "RFC 4035 section 5.2",
    Ede.DNSKEY_MISSING,
    _DS,
)
DNSKEY_PRESENT = rule(
    "dnskey.present",
    "a zone with a DS (or an anchor) has a DNSKEY RRset at its apex",
    "RFC 4035 section 5.2",
    Ede.DNSKEY_MISSING,
    "the child publishes its keys, or has the parent remove the DS",
)
DNSKEY_SIGNED_BY_ENTRY = rule(
    "dnskey.signed-by-entry",
    "the DNSKEY RRset is signed by a key that the DS (or the anchor) names",
    "RFC 4035 section 5.2",
    Ede.RRSIGS_MISSING,
    "the child signs its DNSKEY RRset with the key that the DS names",
)
DS_NOT_EXPANDED = rule(
    "ds.not-expanded",
    "a DS RRset was not made from a wildcard",
    "RFC 4592 section 4.6",
    Ede.DNSSEC_BOGUS,
    "the operator of the parent removes the DS at the wildcard",
)
DS_PROVEN_ABSENT = rule(
    "ds.proven-absent",
    "a zone cut without DS is proven by the parent: NS set, DS and SOA clear",
    "RFC 4035 section 5.2",
    Ede.NSEC_MISSING,
    "the parent sends the NSEC or NSEC3 of the cut; or someone strips it to hide a DS",
)

# --- denial of existence: NSEC and NSEC3 ---------------------------------------------------------

NSEC_PRESENT = rule(
    "nsec.present",
    "a signed zone proves a negative answer by signed NSEC or NSEC3 RRs of its own",
    "RFC 4035 section 5.4",
    Ede.NSEC_MISSING,
    "the operator repairs the denial records; or someone made up the negative answer",
)
NSEC_NOT_EXPANDED = rule(
    "nsec.not-expanded",
    "an NSEC RR that proves something was not itself made from a wildcard",
    "RFC 4035 section 5.4",
    Ede.DNSSEC_BOGUS,
    "the server sends the NSEC as it is signed; or somebody gave it another owner",
)
NSEC_TYPE_ABSENT = rule(
    "nsec.type-absent",
    "the bitmap at the name has neither the type asked for nor CNAME",
    "RFC 6840 section 4.3",
    Ede.DNSSEC_BOGUS,
    "the operator builds the NSEC or NSEC3 chain again",
)
NSEC_RIGHT_SIDE = rule(
    "nsec.right-side",
    "the record is from the side of the zone cut that holds the type",
    "RFC 6840 sections 4.1 and 4.4",
    Ede.DNSSEC_BOGUS,
    "the server answers DS from the parent zone and all else from the child zone",
)
NSEC_NO_NAME = rule(
    "nsec.no-name",
    "the bitmap at the name has the type NXNAME, so that the name does not exist",
    "RFC 9824 section 3.1",
    Ede.DNSSEC_BOGUS,
    "the server lists NXNAME alone, beside NSEC and RRSIG",
)
NSEC_NAME_COVERED = rule(
    "nsec.name-covered",
    "an NSEC RR covers the name, and nothing exists below the name",
    "RFC 4035 section 5.4",
    Ede.NSEC_MISSING,
    "the operator builds the NSEC chain again",
)
NSEC_WILDCARD_COVERED = rule(
    "nsec.wildcard-covered",
    "an NSEC RR denies the wildcard at the closest encloser",
    "RFC 4035 section 5.4",
    Ede.NSEC_MISSING,
    "the operator builds the NSEC chain again",
)
NSEC_NEXT_CLOSER_COVERED = rule(
    "nsec.next-closer-covered",
    "an answer from a wildcard comes with the proof that no closer name exists",
    "RFC 4035 section 5.3.4",
    Ede.NSEC_MISSING,
    "the server sends the NSEC or NSEC3 that denies the name itself",
)
NSEC3_USABLE = rule(
    "nsec3.usable",
    "the NSEC3 RR has hash algorithm 1, flags 0 or 1, and stands one label below the apex",
    "RFC 5155 sections 8.1 and 8.2",
    Ede.NSEC_MISSING,
    "the operator builds the NSEC3 chain again, with SHA-1, the one algorithm there is",
)
NSEC3_SAME_PARAMETERS = rule(
    "nsec3.same-parameters",
    "all NSEC3 RRs of a proof have the same hash algorithm, iterations and salt",
    "RFC 5155 section 8.2",
    Ede.DNSSEC_BOGUS,
    "the server answers from one chain; a new salt is published before the old chain goes",
)
NSEC3_ITERATIONS = rule(
    "nsec3.iterations",
    "the NSEC3 iterations are not above the limit",
    "RFC 9276 section 3.2",
    Ede.UNSUPPORTED_NSEC3_ITERATIONS_VALUE,
    "the operator sets the iterations to 0 and the salt to none (RFC 9276 section 3.1)",
)
NSEC3_EFFORT = rule(
    "nsec3.effort",
    "the closest encloser is found within the number of hashes spent on one proof",
    "RFC 5155 section 8.3, limited against CVE-2023-50868",
    Ede.DNSSEC_BOGUS,
    "nobody: no honest name is that deep; who asked for it wanted to make a validator work",
)
NSEC3_CLOSEST_ENCLOSER = rule(
    "nsec3.closest-encloser",
    "an NSEC3 RR matches an ancestor of the name that is neither a delegation nor a DNAME",
    "RFC 5155 section 8.3",
    Ede.NSEC_MISSING,
    "the operator builds the NSEC3 chain again",
)
NSEC3_NEXT_CLOSER_COVERED = rule(
    "nsec3.next-closer-covered",
    "an NSEC3 RR covers the next closer name",
    "RFC 5155 section 8.3",
    Ede.NSEC_MISSING,
    "the operator builds the NSEC3 chain again",
)
NSEC3_WILDCARD_COVERED = rule(
    "nsec3.wildcard-covered",
    "an NSEC3 RR denies the wildcard at the closest encloser",
    "RFC 5155 section 8.4",
    Ede.NSEC_MISSING,
    "the operator builds the NSEC3 chain again",
)
NSEC3_NO_OPT_OUT = rule(
    "nsec3.no-opt-out",
    "the span over the next closer name is free of Opt-Out, under which unsigned cuts may hide",
    "RFC 5155 sections 8.6 and 9.2",
    hint="the operator signs without Opt-Out, if absent names are to be proven absent",
)

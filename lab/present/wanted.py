"""What would have satisfied a check: the other half of "does not hold".

One sentence for each rule, with the facts of the check put in; every rule of DNSSEC has one. A rule
without a row is answered with its own sentence, which says the same without numbers.
"""

from lab.core.checks import Check

WANTED = {
    "rrsig.present": "an RRSIG over this RRset, made by a key of {zone}",
    "rrsig.signer": "an RRSIG whose signer name is {apex}",
    "rrsig.type-covered": "an RRSIG that covers the type of this RRset, not {covered}",
    "rrsig.labels": "an RRSIG that counts at most {owner_labels} labels",
    "rrsig.order": "an inception at {expiration} or earlier",
    "rrsig.expiration": "an expiration at {now} or later",
    "rrsig.inception": "an inception at {now} or earlier",
    "rrsig.algorithm": "an RRSIG with an algorithm that this validator knows, not {algorithm}",
    "rrsig.dnskey": "a DNSKEY with key tag {key_tag} and algorithm {algorithm} among those of the "
    "zone; it has {published}",
    "rrsig.signature": "a signature of key {key_tag} over exactly these octets",
    "rrsig.effort": "a valid signature among the first ones; {rrsigs} RRSIGs came, and "
    "{verifications} signatures were computed with",
    "rrsig.every-algorithm": "one more RRSIG by each of these: {missing}",
    "dnskey.zone-flag": "flags 256 or 257 instead of {flags}",
    "dnskey.protocol": "protocol 3 instead of {protocol}",
    "dnskey.not-revoked": "the same key without the flag 128",
    "dnskey.well-formed": "a key of the form and size of its algorithm; it has {octets} octets",
    "anchor.present": "a DS or DNSKEY of this zone, or of one above it, among the trust anchors",
    "anchor.not-negative": "no negative trust anchor at this name",
    "anchor.matches": "a DNSKEY that the trust anchor names; the zone has {published}",
    "ds.digest-supported": "a DS with digest type 2 (SHA-256) or 4 (SHA-384)",
    "ds.algorithm-supported": "a key with an algorithm that this validator knows, not {algorithm}",
    "ds.not-downgraded": "no DS with a stronger digest than {digest_type} beside it",
    "ds.not-expanded": "a DS at this name itself, not at {wildcard}",
    "ds.matches": "a DNSKEY with key tag {key_tag} and algorithm {algorithm} whose digest is "
    "{digest}; computed: {computed}",
    "dnskey.present": "a DNSKEY RRset at the apex",
    "dnskey.signed-by-entry": "an RRSIG over the DNSKEY RRset by key {named}; there are those by "
    "{signed_by}",
    "ds.proven-absent": "a signed NSEC or NSEC3 RR of the parent at the name, with NS and without "
    "DS and SOA",
    "nsec.present": "NSEC or NSEC3 RRs, signed by {zone}",
    "nsec.not-expanded": "an RRSIG that counts every label of the owner",
    "nsec.type-absent": "a bitmap without the type and without CNAME",
    "nsec.right-side": "a record of the other side of the zone cut",
    "nsec.no-name": "a bitmap with NXNAME",
    "nsec.name-covered": "an NSEC RR whose owner sorts before the name, and its next name after",
    "nsec.wildcard-covered": "an NSEC RR that covers this wildcard",
    "nsec.next-closer-covered": "an NSEC or NSEC3 RR that covers this name",
    "nsec3.usable": "algorithm 1 and flags 0 or 1, with a hash of 20 octets right below the apex; "
    "here algorithm {algorithm}, flags {flags}",
    "nsec3.same-parameters": "the iterations and the salt of the first NSEC3 RR of the answer",
    "nsec3.iterations": "0 additional iterations (RFC 9276 section 3.1)",
    "nsec3.effort": "an NSEC3 RR that matches an ancestor among the first {hashes} that are tried",
    "nsec3.closest-encloser": "an NSEC3 RR whose hash is that of an ancestor of the name",
    "nsec3.next-closer-covered": "an NSEC3 RR whose span holds the hash of this name",
    "nsec3.wildcard-covered": "an NSEC3 RR whose span holds the hash of this wildcard",
    "nsec3.no-opt-out": "an NSEC3 RR with flags 0 over the next closer name",
    "cache.alive": "something in the cache with time left; it had {left}",
    "walk.server-answers": "an answer from one of the nameservers of the zone",
    "walk.server-authoritative": "an answer with AA, or a referral to a zone below",
    "effort.bounded": "the same with less work: {limit} may be {allowed}",
    "tlsa.matches-leaf": "a record with the data {presented}",
    "tlsa.matches-authority": "a CA certificate from the peer with the data {published}; there "
    "came {presented}",
    "client.allow-list": "a name below {allowed}",
    "client.name-in-san": "a dNSName equal to the identity; the certificate has {certified}",
    "path.name": "a dNSName that stands for {expected}; the certificate has {certified}",
    "path.validity": "a moment from {not_before} to {not_after}; now is {now}",
    "alias.ends": "a chain of CNAMEs and DNAMEs that reaches a name of its own",
    "alias.dname-synthesis": "a CNAME to {computed} instead of {met}",
    "issuance.labels": "a name of at most {allowed} labels instead of {labels}",
    "issuance.control": "a TXT record {wanted} at _acme-challenge; there was {found}",
    "issuance.caa": "a CAA RRset that permits {issuer}; it permits {permitted}",
    "alias.dname-not-expanded": "a DNAME whose RRSIG counts every label of the owner",
    "answer.rrsig-not-signed": "nothing: RRSIG RRs have no signatures",
    "trust.first-use": "the key {remembered} instead of {shown}",
    "path.complete": "{missing}",
    "backend.location-trusted": "a secure answer, or a secure denial; this one is {status}",
    "backend.located": "secure records that lead to a server; found by {way}: {hosts}",
    "backend.transport": "a NAPTR record for the service LWNS; there are those for {offered}",
    "constrained.arrived": "all {octets} octets; {frames} frames were sent",
    "constrained.signed": "a signature by the operator's authority over exactly these octets",
    "constrained.matches": "the key whose SHA-256 is {published}; this one has {found}",
    "constrained.frames": "{expected} uplinks, no more and no less; there were {seen}",
    "backend.sender": "records of the SenderID that lead to {host}; they lead to {leads_to}",
    "backend.sender-named": "the host {host} as AS-ID",
    "path.crl-available": "a CRL of this issuer whose next update is {now} or later",
}
"""Rule to sentence; `{fact}` stands for a fact of the check."""


def wanted(check: Check) -> str:
    """Return what would have satisfied *check*, without a full stop."""
    form = WANTED.get(check.rule.id, check.rule.sentence)
    try:
        return form.format_map(check.facts)
    except KeyError:
        # Another place applies the same rule to other facts: the rule itself still says it.
        return check.rule.sentence

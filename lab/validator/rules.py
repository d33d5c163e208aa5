"""What must hold on the walk itself: servers, answers, aliases. The rest is in `dnssec.rules`."""

from lab.core.rules import Ede, rule

SERVER_ANSWERS = rule(
    "walk.server-answers",
    "a nameserver of the zone can be reached and answers",
    "RFC 1035 section 7.2",
    Ede.NO_REACHABLE_AUTHORITY,
    "the operator starts the nameserver, or the parent corrects NS and glue",
)
EFFORT_BOUNDED = rule(
    "effort.bounded",
    "the work for one question stays within the limits of the validator",
    "RFC 1034 section 5.3.1, RFC 9520 section 3",
    Ede.DNSSEC_BOGUS,
    "the operator removes what multiplies the work: keys of one tag, needless RRSIGs, iterations",
)
SERVER_AUTHORITATIVE = rule(
    "walk.server-authoritative",
    "the nameserver speaks for the zone it was asked about: an answer, a denial or a referral down",
    "RFC 1034 section 5.3.3",
    Ede.NO_REACHABLE_AUTHORITY,
    "the operator loads the zone on this server, or the parent drops the server from the NS RRset",
)
ALIAS_ENDS = rule(
    "alias.ends",
    "a chain of aliases ends, and soon",
    "RFC 1034 section 3.6.2",
    Ede.OTHER,
    "the operators of the names break the loop",
)
DNAME_SYNTHESIS = rule(
    "alias.dname-synthesis",
    "the CNAME that came with a DNAME is the one that the DNAME leads to",
    "RFC 6672 section 5.3.1",
    Ede.DNSSEC_BOGUS,
    "someone changed the unsigned CNAME; the signed DNAME tells the truth",
)
DNAME_NOT_EXPANDED = rule(
    "alias.dname-not-expanded",
    "a DNAME was not made from a wildcard",
    "RFC 6672 section 3.3",
    Ede.DNSSEC_BOGUS,
    "the operator replaces the wildcard DNAME",
)
NOT_SWITCHED_OFF = rule(
    "anchor.not-negative",
    "validation is on for this name: no negative trust anchor stands here",
    "RFC 7646 section 2",
    Ede.NEGATIVE_TRUST_ANCHOR,
    "whoever runs the validator removes it when the zone is mended",
)
RRSIG_NOT_SIGNED = rule(
    "answer.rrsig-not-signed",
    "RRSIG RRs are not signed themselves, so an answer of them is not authenticated",
    "RFC 4035 section 2.2",
    hint="nobody: ask for the type that the RRSIG covers, it comes along and is verified",
)
CACHE_ALIVE = rule(
    "cache.alive",
    "what comes from the cache was judged before, and neither TTL nor signature has run out since",
    "RFC 4035 section 5.3.3",
    hint="nobody: it is asked for anew",
)

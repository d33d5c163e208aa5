"""Tell no server more of a name than it needs to know (RFC 9156).

Decides: for which shorter names to ask on the way to the zone of a name. Asking is left to
`validator.iterate`.
"""

from itertools import accumulate, dropwhile

from dns.name import Name

# RFC 9156 section 2.3 recommends these values: so many questions for one name, ...
MAX_MINIMISE_COUNT = 10
# ... of which the first ones, where zones are cut most often, take one label more each.
MINIMISE_ONE_LAB = 4


def shorter_names(qname: Name) -> tuple[Name, ...]:
    """Return the ancestors of *qname* to ask for, from the top; *qname* itself is not among them.

    >>> from dns.name import from_text
    >>> [str(one) for one in shorter_names(from_text("www.example.fr."))]
    ['fr.', 'example.fr.']
    """
    depths = accumulate(_steps(len(qname) - 1))
    deepest = min(len(qname) - 2, _scoped(qname))
    return tuple(Name(qname.labels[-depth - 1 :]) for depth in depths if depth <= deepest)


def _scoped(qname: Name) -> int:
    """Return how many labels that name has which the first labels of *qname* say something about.

    RFC 8552 section 1.1: `_443._tcp` is no place but what is meant of the name above. Zones are
    hardly ever cut there, so asking label by label costs time and hides nothing; where one is cut,
    the answer to the whole name is a referral, as to any other.
    """
    return sum(1 for _ in dropwhile(lambda label: label.startswith(b"_"), qname.labels)) - 1


def _steps(labels: int) -> tuple[int, ...]:
    """Return by how many labels each question is longer than the one before."""
    if labels <= MAX_MINIMISE_COUNT:
        return (1,) * labels
    # A name of many labels costs no more: the last questions share them, the very last have more.
    questions = MAX_MINIMISE_COUNT - MINIMISE_ONE_LAB
    each, more = divmod(labels - MINIMISE_ONE_LAB, questions)
    return (1,) * MINIMISE_ONE_LAB + (each,) * (questions - more) + (each + 1,) * more

"""Read the table `[distribution]` of `hierarchy.toml`: how secondaries get all zones at once.

A hidden primary is an address that no NS record names. Secondaries fetch every zone there, and the
catalog that lists them.
"""

from dns.name import Name

from lab.core.frozen import dataclass
from lab.nameserver.access import Access
from lab.world.access import ACCESS_DEFAULTS, read_access
from lab.world.config import absolute_name, located, loopback_address, refuse_unknown_keys

KEYS = ("address", "catalog", "transfer", "notify")
DISTRIBUTION = "distribution"


@dataclass(frozen=True, slots=True)
class Distribution:
    """Say where secondaries fetch zones.

    Attributes:
        address: of the hidden primary.
        catalog: apex of the catalog zone (RFC 9432).
        access: of the catalog zone, and of zones that only secondaries serve.
    """

    address: str
    catalog: Name
    access: Access


def read_distribution(text: str, file: str) -> Distribution | None:
    """Return what the text of a `hierarchy.toml` says of it; None without such a table.

    Raises:
        ZoneError: names file, line and what was expected.
    """
    document = located(text, file)
    table = document.data.get(DISTRIBUTION)
    if table is None:
        return None
    refuse_unknown_keys(document, (DISTRIBUTION,), KEYS)
    where = document.where(DISTRIBUTION)
    settings = {**ACCESS_DEFAULTS, **document.data.get("defaults", {}), **table}
    return Distribution(
        loopback_address(table.get("address"), where),
        absolute_name(table.get("catalog"), where),
        read_access(settings, where),
    )

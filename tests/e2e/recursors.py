"""Other people's validating resolvers that know nothing but our root hints and our trust anchor."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.running import Lab, Resolver, free_port, listening

_KRESD = """\
log_level('crit')
net.ipv6 = false
option('ALLOW_LOCAL', true)
net.listen('127.0.0.1', {port}, {{ kind = 'dns' }})
cache.size = 8 * MB
for _, name in ipairs({{'ta_update', 'ta_signal_query', 'priming', 'detect_time_skew',
                        'detect_time_jump', 'watchdog'}}) do
    pcall(modules.unload, name)
end
modules.load('hints > iterate')
hints.root_file('{hints}')
trust_anchors.remove('.')
trust_anchors.add([[{anchor}]])
"""

_PDNS = """\
config-dir={folder}
socket-dir={folder}
local-address=127.0.0.1
local-port={port}
hint-file={hints}
lua-config-file={folder}/anchor.lua
dnssec=validate
extended-resolution-errors=yes
dont-query=
daemon=no
write-pid=no
quiet=yes
loglevel=2
disable-syslog=yes
threads=1
network-timeout=5000
server-down-max-fails=0
non-resolving-ns-max-fails=0
disable-packetcache=yes
security-poll-suffix=
"""


@contextmanager
def running_kresd(lab: Lab, folder: Path) -> Iterator[Resolver]:
    """Run Knot Resolver beside *lab*."""
    port, config = free_port(), folder / "kresd.conf"
    anchor = Path(lab.status["trust_anchor"]["ds"]).read_text().strip()
    hints = lab.status["root_hints"]
    config.write_text(_KRESD.format(port=port, hints=hints, anchor=anchor))
    with listening(port, "kresd", "-n", "-c", str(config), str(folder)):
        yield Resolver("127.0.0.1", port)


@contextmanager
def running_pdns(lab: Lab, folder: Path) -> Iterator[Resolver]:
    """Run PowerDNS Recursor beside *lab*."""
    port = free_port()
    anchor = Path(lab.status["trust_anchor"]["ds"]).read_text().split(None, 4)[4].strip()
    (folder / "anchor.lua").write_text(f'clearTA()\naddTA(".", "{anchor}")\n')
    text = _PDNS.format(port=port, folder=folder, hints=lab.status["root_hints"])
    (folder / "recursor.conf").write_text(text)
    with listening(port, "pdns_recursor", f"--config-dir={folder}"):
        yield Resolver("127.0.0.1", port)

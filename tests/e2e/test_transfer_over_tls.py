"""BIND follows a zone of the lab over TLS (RFC 9103), and knows whom it talks to."""

import subprocess
import time
from pathlib import Path

from tests.e2e.running import START_S, Lab, Tool, find, free_port

ZONE, HOST = "afnic.fr.", "ns1.afnic.fr."
DISTRUSTED = "TLS peer certificate verification failed"
CONFIGURATION = """\
{key}
tls lab {{ ca-file "{ca}"; remote-hostname "{host}"; protocols {{ TLSv1.3; }}; }};
options {{
    directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    recursion no;
    notify no;
}};
controls {{ }};
zone "{zone}" {{
    type secondary;
    primaries {{ {address} port {dot} key lab-key. tls lab; }};
    file "zone.db";
}};
"""


def follow(lab: Lab, tool: Tool, folder: Path, host: str) -> tuple[str, str]:
    """Let named fetch the zone from somebody called *host*; return its SOA and its log."""
    dot = next(one for one in lab.status["dot"] if one["name"] == HOST)
    port = free_port()
    text = CONFIGURATION.format(
        key=lab.run("tsig", "show", "lab-key.", "--form", "bind").stdout,
        ca=dot["ca"],
        host=host,
        folder=folder,
        port=port,
        zone=ZONE,
        address=dot["address"],
        dot=dot["port"],
    )
    (folder / "named.conf").write_text(text)
    log = folder / "log"
    with log.open("w") as file:
        command = [find("named"), "-g", "-c", str(folder / "named.conf")]
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
    try:
        end, soa = time.monotonic() + START_S, ""
        while not soa and DISTRUSTED not in log.read_text() and time.monotonic() < end:
            time.sleep(0.2)
            where = ("@127.0.0.1", "-p", str(port), "+tries=1", "+time=1")
            soa = tool("dig", *where, "+short", ZONE, "SOA").stdout
            soa = soa if len(soa.split()) == 7 else ""
        return soa, log.read_text()
    finally:
        process.terminate()
        process.wait(timeout=START_S)


def test_named_fetches_a_zone_over_tls_from_whom_it_trusts(
    lab: Lab, tool: Tool, tmp_path: Path
) -> None:
    soa, log = follow(lab, tool, tmp_path, HOST.removesuffix("."))
    assert soa, log


def test_named_fetches_nothing_from_somebody_with_another_name(
    lab: Lab, tool: Tool, tmp_path: Path
) -> None:
    soa, log = follow(lab, tool, tmp_path, "ns9.afnic.fr")
    assert not soa
    assert DISTRUSTED in log

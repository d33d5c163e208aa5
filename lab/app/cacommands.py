"""What the control socket does about certificates: the tasks of `lab ca`, in a running lab."""

from dataclasses import replace

from lab.app.authorities import AuthorityStore, Entry
from lab.app.control import Command, Emit, Event
from lab.app.keycommands import refuse_while_playing
from lab.app.registrar import AT_THE_NEXT_START, Registrar
from lab.app.running import RunningLab
from lab.core.errors import LabError
from lab.pki.identity import Identity
from lab.pki.issuance import Order
from lab.present.json import report_to_json
from lab.world.build import World
from lab.world.public_ca import PUBLIC_CA, consider
from lab.world.tlsa import tlsa_of


class _Operators:
    """Let the servers and clients of a running lab use renewed certificates at once."""

    def __init__(self, lab: RunningLab) -> None:
        self._lab = lab

    def check(self, entry: Entry, renewed: Identity) -> None:
        """Refuse what would make a published TLSA record wrong."""
        materials = self._lab.base.materials
        if entry.label == f"{entry.operator}.root":
            raise LabError("the root of a running lab stays; stop the lab, then renew it")
        old = materials.identities.get(entry.label)
        if old is None:
            return
        form = self._lab.base.identity(entry.label).tlsa
        if form is not None and tlsa_of(form, old) != tlsa_of(form, renewed):
            raise LabError(
                f"the TLSA records of {entry.label} would not fit any more; stop the lab, renew it,"
                " and the next start publishes what fits"
            )

    def use(self, entry: Entry, renewed: Identity) -> str:
        """Exchange an identity; DNS over TLS has opened its sockets with the old one."""
        if entry.label not in self._lab.base.materials.identities:
            return AT_THE_NEXT_START

        def edit(world: World) -> World:
            identities = {**world.materials.identities, entry.label: renewed}
            return replace(world, materials=replace(world.materials, identities=identities))

        self._lab.change(edit)
        return "from now on"


def ca_commands_of(lab: RunningLab) -> dict[str, Command]:
    """Return the commands about certificates that *lab* answers, by name."""

    async def ca(request: Event, emit: Emit) -> None:
        """Do one task of `lab ca`."""
        refuse_while_playing(lab)
        store = AuthorityStore(lab.state)
        emit(Registrar(store, lab.clock.now(), lab.entropy, _Operators(lab)).perform(request))

    async def order(request: Event, emit: Emit) -> None:
        """Let the public CA decide about an order; nothing is issued."""
        names = tuple(str(one) for one in request.get("names") or ())
        wanted = Order(str(request.get("account")), names, str(request.get("common_name") or ""))
        now = lab.clock.now()
        report = await lab.look(consider(wanted, PUBLIC_CA, lab.settings, now))
        emit({"report": report_to_json(report)})

    return {"ca": ca, "order": order}

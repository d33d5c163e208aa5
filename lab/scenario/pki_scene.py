"""What comes of the actions about certificates: another world, or a verdict; pure.

The edge gives time and chance, and what the DNS said; so a running lab and a test do the same.
"""

from dataclasses import replace
from hashlib import sha256
from typing import TypeAlias

from cryptography import x509

from lab.core.checks import Check, Outcome, Report, check
from lab.core.dialogue import Dialogue
from lab.core.instant import Instant
from lab.core.question import Question as DnsQuestion
from lab.core.question import Response
from lab.dane.policy import ServerPolicy
from lab.pki.ca import Maker, self_signed, subordinate
from lab.pki.contents import read
from lab.pki.crl import Revocation, make_crl
from lab.pki.der import subject_public_key_info
from lab.pki.identity import Identity, holder
from lab.pki.issuance import Order, proof
from lab.pki.names import matches
from lab.pki.path import Expected, find
from lab.pki.profiles import PEER, ROOT, Purpose
from lab.scenario import trust_rules as rules
from lab.scenario.pki_actions import (
    SELF,
    CheckCertificate,
    IssueCertificate,
    MakeCa,
    Means,
    Publicity,
    RequestCertificate,
    RevokeCertificate,
    Sent,
    WatchLog,
)
from lab.tls.authentication import Presented, authenticate_server
from lab.validator.settings import Settings
from lab.world.build import World
from lab.world.public_ca import PUBLIC_CA, consider
from lab.world.scene import Scene, SceneCa

Change: TypeAlias = MakeCa | IssueCertificate | RevokeCertificate
Question: TypeAlias = CheckCertificate | RequestCertificate | WatchLog


def enacted(world: World, action: Change, maker: Maker) -> World:
    """Return the world after *action*.

    Raises:
        InputError: the story names a CA or an identity that there is not.
    """
    match action:
        case MakeCa():
            return _with_scene(world, _with_ca(world.scene, action, maker))
        case IssueCertificate():
            return _with_certificate(world, action, maker)
        case RevokeCertificate():
            return _with_scene(world, _with_revocation(world, action, maker))


def _with_scene(world: World, scene: Scene) -> World:
    return replace(world, scene=scene)


def _with_ca(scene: Scene, action: MakeCa, maker: Maker) -> Scene:
    if action.under:
        identity = subordinate(scene.ca(action.under).identity, action.organization, maker)
    else:
        key = maker.key()
        job = maker.job(ROOT, action.organization, key, f"{action.organization} Root CA")
        identity = maker.self_signed(job, key)
    made = SceneCa(action.organization, identity, make_crl(identity, (), 1, maker.now))
    return replace(scene, cas={**scene.cas, action.name: made})


def _with_certificate(world: World, action: IssueCertificate, maker: Maker) -> World:
    config = world.identity(action.identity)
    own = tuple(one.to_text(omit_final_dot=True) for one in (config.host, config.client))
    names, profile = action.names or own, replace(PEER, lifetime=action.lifetime)
    if action.ca == SELF:
        made = self_signed(config.title, names, maker, profile=profile)
    else:
        key = maker.key()
        job = replace(maker.job(profile, config.title, key), names=names)
        made = maker.issued(job, key, world.scene.ca(action.ca).identity)
    sent = Identity(made.private_key, _sent(made.chain, action.sends))
    identities = {**world.materials.identities, action.identity: sent}
    scene = world.scene
    if action.publicity is Publicity.LOGGED:
        scene = replace(scene, log=(*scene.log, made.leaf))
    materials = replace(world.materials, identities=identities)
    return replace(world, materials=materials, scene=scene)


def _sent(chain: tuple[x509.Certificate, ...], sends: Sent) -> tuple[x509.Certificate, ...]:
    if sends is Sent.LEAF:
        return chain[:1]
    return chain[:-1] if sends is Sent.WITHOUT_ROOT and len(chain) > 1 else chain


def _with_revocation(world: World, action: RevokeCertificate, maker: Maker) -> Scene:
    scene, ca = world.scene, world.scene.ca(action.ca)
    leaf = _shown(world, action.identity)[0]
    revocation = Revocation(leaf.serial_number, maker.now, x509.ReasonFlags.key_compromise)
    revocations = (*ca.revocations, revocation)
    crl = make_crl(ca.identity, revocations, len(revocations) + 1, maker.now)
    changed = replace(ca, revocations=revocations, crl=crl)
    return replace(scene, cas={**scene.cas, action.ca: changed})


def prepared(world: World, action: Question) -> World:
    """Return the world in which *action* is asked: who orders proves first what it can prove."""
    return _with_proofs(world, action) if isinstance(action, RequestCertificate) else world


def judged(
    world: World, action: Question, settings: Settings, now: Instant
) -> Dialogue[DnsQuestion, Response, Report]:
    """Decide as *action* asks; DANE and the public CA ask the DNS on the way."""
    match action:
        case CheckCertificate():
            return (yield from _checked(world, action, settings, now))
        case RequestCertificate():
            order = Order(action.by, action.names)
            return (yield from consider(order, PUBLIC_CA, settings, now))
        case WatchLog():
            return _watched(world, action)


def remembered(world: World, action: Question) -> World:
    """Return the world after somebody has looked: by TOFU it keeps the key of the first time."""
    if not isinstance(action, CheckCertificate) or action.by is not Means.TOFU:
        return world
    place = (action.verifier, str(action.name))
    if place in world.scene.memories:
        return world
    memories = {**world.scene.memories, place: _key(_shown(world, action.of)[0])}
    return _with_scene(world, replace(world.scene, memories=memories))


def _shown(world: World, identity: str) -> tuple[x509.Certificate, ...]:
    return world.materials.identities[world.identity(identity).name].chain


def _checked(
    world: World, action: CheckCertificate, settings: Settings, now: Instant
) -> Dialogue[DnsQuestion, Response, Report]:
    chain = _shown(world, action.of)
    if action.by is Means.DANE:
        port = world.materials.tls_port
        decision = yield from authenticate_server(
            action.name, port, Presented(chain), ServerPolicy(), settings, now
        )
        return decision.report
    if action.by is Means.TOFU:
        return _joined(None, _memory(world.scene, action, chain[0]))
    expected = Expected(
        action.name,
        Purpose.CLIENT if action.as_client else Purpose.SERVER,
        now,
        world.scene.trust_store(action.trusts),
        crls=world.scene.crls,
        revocation=action.revocation,
    )
    path = find(chain[0], chain[1:], expected)
    if action.by is Means.PKIX:
        return path
    return _joined(path, check(rules.LOGGED, chain[0] in world.scene.log, holder(chain[0])))


def _joined(path: Report | None, also: Check) -> Report:
    parts = () if path is None else (path,)
    failed = also.failed or any(one.outcome is Outcome.FAILED for one in parts)
    conclusion = "refused" if failed else "accepted"
    return Report(
        also.subject, Outcome.FAILED if failed else Outcome.PASSED, conclusion, (also,), parts
    )


def _memory(scene: Scene, action: CheckCertificate, leaf: x509.Certificate) -> Check:
    known = scene.memories.get((action.verifier, str(action.name)))
    shown = _key(leaf)
    first = "nothing: this is the first time"
    return check(
        rules.REMEMBERED,
        known is None or known == shown,
        holder(leaf),
        remembered=first if known is None else known.hex(),
        shown=shown.hex(),
    )


def _key(leaf: x509.Certificate) -> bytes:
    return sha256(subject_public_key_info(leaf)).digest()


def _watched(world: World, action: WatchLog) -> Report:
    """Return whether the public log has certificates that the holder of a name does not use."""
    used = _shown(world, action.holder)[:1]
    named = [
        one
        for one in world.scene.log
        if any(matches(name, action.name) for name in read(one).dns_names)
    ]
    strange = ", ".join(f"{one.issuer.rfc4514_string()}" for one in named if one not in used)
    title = f"public log about {action.name}"
    known = check(rules.EXPECTED, not strange, title, logged=len(named), strange=strange or "none")
    outcome = Outcome.FAILED if strange else Outcome.PASSED
    return Report(title, outcome, "alarm" if strange else "quiet", (known,))


def _with_proofs(world: World, action: RequestCertificate) -> World:
    """Put the proof of control into the zone of the operator, as far as the names are there."""
    operator = action.by.partition(".")[0]
    zone = next(one.zone for one in world.materials.operators if one.name == operator)
    if zone is None:
        return world
    suffix = zone.to_text(omit_final_dot=True)
    for name in action.names:
        if name.endswith(suffix):
            text = f'_acme-challenge.{name}. 60 IN TXT "{proof(action.by, name)}"\n'
            world = world.with_records(zone, text)
    return world

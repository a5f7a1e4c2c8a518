"""What people do to the repository and in the dashboard."""

from reconciler.sandbox.api import Request
from tests.simulation import manifests
from tests.simulation.world import DASHBOARD_KEY, World


def edit_manifests(world: World) -> None:
    """Change the repository, perhaps."""
    random = world.random
    for _ in range(random.choice((0, 1, 1, 2))):
        names = sorted(world.manifests)
        free = [name for name in manifests.NAMES if name not in world.manifests and name not in world.retired]
        chance = random.random()
        if chance < 0.15 and free:
            world.manifests[free[0]] = manifests.fresh(free[0], random, names)
            world.scheduler.tell(f"manifest {free[0]} is added")
        elif chance < 0.25 and len(names) > 1:
            name = random.choice(names)
            world.manifests = manifests.without(world.manifests, name)
            world.scheduler.tell(f"manifest {name} is removed")
        elif chance < 0.32 and free and world.manifests[names[0]].renamed_from is None:
            world.manifests = manifests.rename(world.manifests, names[0], free[-1])
            world.retired.add(names[0])
            world.scheduler.tell(f"manifest {names[0]} is renamed to {free[-1]}")
        else:
            name = random.choice(names)
            world.manifests[name] = manifests.edit(world.manifests[name], random)
            world.scheduler.tell(f"manifest {name} is edited")


def edit_live(world: World) -> None:
    """Do something in the dashboard."""
    random, simulator = world.random, world.simulator
    there = world.live()
    chance = random.random()
    if chance < 0.08:
        name = random.choice(manifests.NAMES)
        make_by_hand(world, name)
        return
    if not there:
        return
    reference = str(random.choice(there)["id"])
    if chance < 0.4:
        text = f"by hand {random.randrange(100)}"
        world.touch("edit text", reference, lambda: simulator.edit(reference, {"/steps/0/action/data/message": text}))
    elif chance < 0.6:
        name = f"By hand {random.randrange(100)}"
        world.touch("edit name", reference, lambda: simulator.edit(reference, {"/name": name}))
    elif chance < 0.75:
        rest = {"or": [{"and": [{"type": "contact_belongs_to_segment", "segment_id": f"by-hand-{random.random()}"}]}]}
        world.touch("edit filter", reference, lambda: simulator.edit(reference, {"/filter": rest}))
    elif chance < 0.85:
        world.touch("start", reference, lambda: simulator.start(reference))
    elif chance < 0.92:
        world.touch("cancel", reference, lambda: simulator.cancel(reference))
    else:
        world.touch("delete", reference, lambda: simulator.delete(reference))


def make_by_hand(world: World, custom_id: str) -> None:
    """Create a sequence in the dashboard, with a custom_id that a manifest may have too."""
    body = manifests.desired(manifests.Manifest(custom_id=custom_id, name=99)).payload.encoded
    request = Request(method="POST", path="/sequences", authorization=f"Bearer {DASHBOARD_KEY}", body=body)
    answer = world.simulator.answer(request)
    world.server.entries += 1
    world.happened["person: create"] += answer.status < 300
    world.scheduler.tell(f"a person: create {custom_id} ({answer.status})")

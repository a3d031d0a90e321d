"""Power cuts, in a machine of its own (guest.py, guest_power.py). In the soak only: it is emulated where there is no KVM."""
import os
import random

from guest import Guest, lacks
from scene import TOP

ROUNDS = 50
SECONDS_MAX = 1800


def remarks(lines):
    return [line.removeprefix("# ") for line in lines if line.startswith("#")]


def pass_on(points, said, what):
    """The guest's points become ours; what else it said helps where one failed."""
    lines = said.splitlines()
    for at, line in enumerate(lines):
        name = line.partition(" - ")[2]
        if line.startswith(("ok ", "not ok ")):
            points.ok(line.startswith("ok "), name, *remarks(lines[at + 1:at + 40]))
        elif line.startswith(("# seed", "# clock:")):
            print(line)
    points.ok("guest: the end" in said and any(line.startswith("1..") for line in lines), f"{what}: the guest came to its end",
              *lines[-60:])


def make_guest(program):
    guest = Guest(program.parent / "guest")
    guest.add_program(program, "/usr/bin/hinomi")
    for folder in ("tools", "netns", "kills", "adversity"):
        guest.add_tree(TOP / "tests" / folder, f"/tests/{folder}")
        guest.paths.append(f"/tests/{folder}")
    return guest


def prepare(program):
    if lacks() is None:
        Guest(program.parent / "guest").find_kernel()


def play(scene):
    lacking = lacks()
    if lacking is not None:
        scene.points.skip("power cuts", f"needs {lacking}")
        return
    rounds = int(os.environ.get("HINOMI_CUTS", ROUNDS))
    seed = random.SystemRandom().randrange(1 << 30)
    said = make_guest(scene.program).run(f"import guest_power; guest_power.play({rounds}, {seed})", SECONDS_MAX)
    if said is None:
        scene.points.skip("power cuts", "Debian's kernel cannot be fetched")
        return
    pass_on(scene.points, said, "power cuts")

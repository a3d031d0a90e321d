"""A clock that is set forward and back by an hour, in a machine of its own (guest.py, guest_clock.py). In the soak only; how a keeper
alone takes it: tests/unit/test_keeper_clock.c.
"""
from guest import lacks
from power import make_guest, pass_on, prepare

SECONDS_MAX = 900


def play(scene):
    lacking = lacks()
    if lacking is not None:
        scene.points.skip("a clock that is set", f"needs {lacking}")
        return
    said = make_guest(scene.program).run("import guest_clock; guest_clock.play()", SECONDS_MAX)
    if said is None:
        scene.points.skip("a clock that is set", "Debian's kernel cannot be fetched")
        return
    pass_on(scene.points, said, "clock")

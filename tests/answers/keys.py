"""The key that signs links: made with a station, made for one that has none, and what is wrong with others."""
import stat
import subprocess

import scene


def start_and_look(part, at, name):
    before = at.station.count_lines("duty.ready", "duty=web")
    at.start()
    part.ok(at.station.await_lines(before + 1, "duty.ready", "duty=web"), f"{name}: the station starts", *at.station.lines()[-5:])


def try_refused(part, at, key):
    """Each gives one line, and no start."""
    key.write_text("short\n")
    done = subprocess.run([at.station.program, "run", "--station", str(at.station.folder)], capture_output=True, text=True, timeout=60)
    part.ok(done.returncode == 2 and "answers.key: expected 64 hexadecimal digits; remove the file" in done.stderr, "a damaged key is told", done.stderr)
    key.write_text("0" * 64 + "\n")
    key.chmod(0o644)
    done = subprocess.run([at.station.program, "run", "--station", str(at.station.folder)], capture_output=True, text=True, timeout=60)
    part.ok(done.returncode == 2 and "answers.key" in done.stderr and len(done.stderr.splitlines()) == 1, "one that others may read is refused",
            done.stderr)


def try_keys(part, program, folder):
    at = scene.Scene(program, folder)
    key = at.station.folder / "keys" / "answers.key"
    first = key.read_text()
    part.ok(len(first) == 65 and stat.S_IMODE(key.stat().st_mode) == 0o600, "a new station has a key of its own", first)
    key.unlink()
    start_and_look(part, at, "an earlier one")
    try:
        letter = at.letter(scene.TOWN_MAIL)
        link = at.link_in(letter.text) if letter else None
        part.ok(key.read_text() != first and stat.S_IMODE(key.stat().st_mode) == 0o600, "one without gets another")
        part.ok(link and at.browser.look(link).status == 200, "and its letters have links", letter and letter.text)
        at.station.reload()
        part.ok(at.station.await_lines(1, "reload.done") and at.browser.look(link).status == 200, "which are good after a reload")
    finally:
        at.station.stop()
    key.unlink()
    start_and_look(part, at, "with another key")
    until_back = at.browser.look(link)
    part.same(until_back.status, 404, "what was signed with the one before is no link any more")
    part.same(at.end(), (0, []), "it ends well")
    try_refused(part, at, key)

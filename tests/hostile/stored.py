"""Script in whatever is kept: every text of the database is markup that would run, and nowhere does it."""
import json
import re

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}${7*7}\u202e=cmd|' /C calc'!A0"
MARK = "<script>alert(1)"
# What is no free text: names that the program itself looks for, and what it could not read any more.
FIXED = {
    "incident": {"state", "finding", "subject", "rule", "close_reason"}, "contact": {"kind", "language", "state", "code_hash"},
    "notice": {"kind", "state"}, "event": {"from_state", "to_state"}, "exception": {"subject"}, "member": {"language", "zone", "country", "hours"},
    "prefix": {"prefix"},
}
LISTS = ("/api/v1/incidents", "/api/v1/members", "/api/v1/contacts", "/api/v1/exceptions", "/api/v1/notices", "/api/v1/audit",
         "/api/v1/accounts")
OTHERS = ("/api/v1/now", "/api/v1/operation", "/api/v1/tower", "/api/v1/watch", "/api/v1/session", "/api/v1/search?q=script",
          "/api/v1/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/api/v1/openapi.json")


def poison(town):
    """Writes it into each text that people or the wire may choose; gives how many."""
    statements, texts = [], 0
    for table in ("incident", "contact", "notice", "event", "exception", "member", "gap", "audit"):
        for column in town.rows(f"pragma table_info('{table}')"):
            name = column["name"]
            if column["type"].upper() != "TEXT" or name in FIXED.get(table, set()):
                continue
            unique = "|| id" if name in ("name", "message_id") else ""
            statements.append((f'update "{table}" set "{name}" = ? {unique}', (SCRIPT,)))
            texts += 1
    statements.append(("insert into exception (member_id, rule, subject, port, reason, by, created_us, until_us) "
                       "select 0, '', '192.0.2.9/32', -1, ?, ?, 1, 4102444800000000 where not exists (select 1 from exception)",
                       (SCRIPT, SCRIPT)))
    for statement in statements:
        try:
            town.write([statement])
        except Exception as error:  # one that must be unique, or refers to others
            if "UNIQUE" not in str(error) and "constraint" not in str(error):
                raise
    return texts


def is_inert(answer, kinds=("application/json", "application/problem+json")):
    """A browser that is led there shows text, and runs none of it."""
    headers = answer.headers
    return headers.get("Content-Type", "").split(";")[0] in kinds and headers.get("X-Content-Type-Options") == "nosniff" \
        and "default-src 'none'" in headers.get("Content-Security-Policy", "")


def try_answers(points, town):
    wrong, marked = [], 0
    paths = list(LISTS) + list(OTHERS)
    for path in LISTS:
        answer = town.ask("GET", path)
        for item in (answer.json.get("items", []) if answer.status == 200 else [])[:3]:
            key = item.get("id") if path.split("/")[-1] in ("incidents", "notices") else None
            if key is not None:
                paths.append(f"{path}/{key}")
                if path.endswith("incidents"):
                    paths += [f"{path}/{key}/{part}" for part in ("timeline", "targets", "frames")]
    for path in paths:
        answer = town.ask("GET", path)
        if answer.status not in (200, 400, 404, 503) or not is_inert(answer):
            wrong.append((path, answer.status, dict(answer.headers), answer.text[:200]))
            continue
        json.loads(answer.body)
        marked += MARK in answer.text
    points.same(wrong[:3], [], f"stored: {len(paths)} answers are JSON that no browser takes for a page")
    points.ok(marked >= 4, f"stored: {marked} of them have it, as it is kept", marked)


def try_tables(points, town):
    """CSV: it is saved, not shown, and no cell of it is a formula."""
    wrong, cells = [], 0
    for path in LISTS:
        answer = town.ask("GET", f"{path}?format=csv")
        if answer.status != 200 or not is_inert(answer, ("text/csv",)) or "attachment" not in answer.headers.get("Content-Disposition", ""):
            wrong.append((path, answer.status, dict(answer.headers)))
        cells += answer.text.count(MARK)
        wrong += [(path, line[:100]) for line in re.findall(r'(?:^|,)"?[=+@-][a-zA-Z(|].*', answer.text, re.MULTILINE)]
    points.same(wrong[:3], [], f"stored: tables are files, without formulas ({cells} cells of it)")


def try_page(points, town):
    """The page itself is the same, whatever is kept."""
    answer = town.ask("GET", "/")
    policy = answer.headers["Content-Security-Policy"]
    points.ok(answer.status == 200 and MARK not in answer.text and "North watch" not in answer.text, "stored: the page has none of it")
    points.ok("unsafe" not in policy and "script-src 'self'" in policy and not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:", answer.text),
              "stored: and no script but its own files", policy)
    for path in re.findall(r'"(/assets/[^"]+)"', answer.text):
        part = town.ask("GET", path)
        points.ok(part.status == 200 and part.headers["X-Content-Type-Options"] == "nosniff" and MARK not in part.text, f"stored: {path}")


def try_written(points, town):
    """By the API as well: what is taken is given back as it is; what no name can be is refused."""
    name = town.ask("POST", "/api/v1/members", {"name": SCRIPT, "prefixes": ["192.0.2.0/28"]})
    points.ok(name.status in (200, 201, 400), "stored: a name of a member", name.status, name.text)
    incident = town.ask("GET", "/api/v1/incidents").json["items"][0]["id"]
    note = SCRIPT.replace("\u202e", "")
    done = town.ask("POST", f"/api/v1/incidents/{incident}/note", {"note": note})
    answer = town.ask("GET", f"/api/v1/incidents/{incident}")
    points.ok(done.status in (200, 201, 204) and is_inert(answer) and any(note in event.values() for event in answer.json["events"]),
              "stored: a note is kept and shown as it was written", done.status, done.text, answer.text[:300])


def try_stored(points, town):
    try_written(points, town)
    texts = poison(town)
    points.ok(texts >= 15, f"stored: {texts} texts of the database are markup now")
    try_answers(points, town)
    try_tables(points, town)
    try_page(points, town)

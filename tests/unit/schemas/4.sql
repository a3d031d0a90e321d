-- Schema 4, with a few rows in each table: what a station of that version left behind.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE "member" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "note" TEXT,
    "created_us" INTEGER NOT NULL,
    "country" TEXT,
    "hours" TEXT,
    "egress" TEXT
) STRICT;
CREATE UNIQUE INDEX "member_name" ON "member" ("name");
CREATE TABLE "prefix" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "member_id" INTEGER NOT NULL REFERENCES "member" ("id") ON DELETE CASCADE,
    "prefix" TEXT NOT NULL,
    "dark" INTEGER NOT NULL
) STRICT;
CREATE INDEX "prefix_member_id" ON "prefix" ("member_id");
CREATE TABLE "contact" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "member_id" INTEGER REFERENCES "member" ("id") ON DELETE CASCADE,
    "kind" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "severity_min" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "code_hash" BLOB,
    "code_until_us" INTEGER,
    "verified_us" INTEGER,
    "failures" INTEGER NOT NULL,
    "created_us" INTEGER NOT NULL,
    "tier" INTEGER,
    "rules" TEXT,
    "hours" TEXT,
    "attach" TEXT,
    "certificate" BLOB,
    "certificate_until_us" INTEGER,
    "style" TEXT,
    "secret" TEXT,
    "bounced_us" INTEGER,
    "bounce" TEXT
) STRICT;
CREATE INDEX "contact_member_id" ON "contact" ("member_id");
CREATE TABLE "exception" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "member_id" INTEGER REFERENCES "member" ("id") ON DELETE CASCADE,
    "rule" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "created_us" INTEGER NOT NULL,
    "until_us" INTEGER
) STRICT;
CREATE INDEX "exception_member_id" ON "exception" ("member_id");
CREATE TABLE "incident" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "member_id" INTEGER NOT NULL,
    "member" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "drill" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "close_reason" TEXT,
    "severity" TEXT NOT NULL,
    "first_us" INTEGER NOT NULL,
    "last_us" INTEGER NOT NULL,
    "opened_us" INTEGER NOT NULL,
    "changed_us" INTEGER NOT NULL,
    "quiet_us" INTEGER,
    "packets" INTEGER NOT NULL,
    "targets" INTEGER NOT NULL,
    "port_count" INTEGER NOT NULL,
    "relapses" INTEGER NOT NULL,
    "told_severity" TEXT,
    "told_targets" INTEGER NOT NULL,
    "told_ports" INTEGER NOT NULL,
    "told_us" INTEGER,
    "finding" TEXT NOT NULL,
    "opened_wall_us" INTEGER,
    "state_us" INTEGER,
    "rested_us" INTEGER,
    "told_letters" INTEGER,
    "told_named" TEXT,
    "owed" TEXT,
    "retraction" TEXT,
    "reminders" INTEGER,
    "reminded_us" INTEGER
) STRICT;
CREATE INDEX "incident_subject" ON "incident" ("subject");
CREATE INDEX "incident_state" ON "incident" ("state");
CREATE INDEX "incident_changed_us" ON "incident" ("changed_us");
CREATE TABLE "event" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "incident_id" INTEGER NOT NULL REFERENCES "incident" ("id") ON DELETE CASCADE,
    "at_us" INTEGER NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "note" TEXT
) STRICT;
CREATE INDEX "event_incident_id" ON "event" ("incident_id");
CREATE TABLE "notice" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "incident_id" INTEGER REFERENCES "incident" ("id") ON DELETE CASCADE,
    "contact_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" BLOB NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "next_us" INTEGER NOT NULL,
    "last_us" INTEGER,
    "reply" TEXT,
    "created_us" INTEGER NOT NULL,
    "delivered_us" INTEGER,
    "unknown" INTEGER
) STRICT;
CREATE INDEX "notice_incident_id" ON "notice" ("incident_id");
CREATE INDEX "notice_contact_id" ON "notice" ("contact_id");
CREATE UNIQUE INDEX "notice_message_id" ON "notice" ("message_id");
CREATE INDEX "notice_state" ON "notice" ("state");
CREATE INDEX "notice_created_us" ON "notice" ("created_us");
CREATE TABLE "gap" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT,
    "source" TEXT NOT NULL,
    "from_us" INTEGER NOT NULL,
    "to_us" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "detail" TEXT
) STRICT;
CREATE INDEX "gap_to_us" ON "gap" ("to_us");
CREATE TABLE "batch" (
    "sensor" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "window_us" INTEGER NOT NULL,
    "received_us" INTEGER NOT NULL,
    "body" BLOB NOT NULL,
    PRIMARY KEY ("sensor", "epoch", "sequence")
) STRICT;
CREATE INDEX "batch_window_us" ON "batch" ("window_us");
CREATE INDEX "batch_received_us" ON "batch" ("received_us");
CREATE TABLE "heard" (
    "address" BLOB NOT NULL,
    "first_us" INTEGER NOT NULL,
    "last_us" INTEGER NOT NULL,
    "two_way" INTEGER NOT NULL,
    PRIMARY KEY ("address")
) STRICT, WITHOUT ROWID;
CREATE TABLE "stat" (
    "period_s" INTEGER NOT NULL,
    "start_us" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "protocol" INTEGER NOT NULL,
    "port" INTEGER NOT NULL,
    "country" TEXT NOT NULL,
    "network" INTEGER NOT NULL,
    "packets" INTEGER NOT NULL,
    "bytes" INTEGER NOT NULL,
    "sources" INTEGER NOT NULL,
    PRIMARY KEY ("period_s", "start_us", "kind", "protocol", "port", "country", "network")
) STRICT, WITHOUT ROWID;
CREATE TABLE "meta" (
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    PRIMARY KEY ("key")
) STRICT, WITHOUT ROWID;

INSERT INTO "member" VALUES (1, 'sakura-town', 'ja', 'Asia/Tokyo', NULL, 1760000000000000, 'JP', 'office', NULL),
    (7, 'minato-university', 'en', 'UTC', 'the only one', 1760000000000001, NULL, NULL, 'proxy-log');
INSERT INTO "prefix" VALUES (1, 1, '198.51.100.0/24', 0), (2, 7, '2001:db8:100::/48', 1);
INSERT INTO "contact" VALUES
    (1, NULL, 'mail', 'operator@example.org', 'en', 'low', 'verified', NULL, NULL, 5, 0, 1,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (2, 1, 'webhook', 'https://example.org/', 'ja', 'high', 'unverified', x'00ff', 9, NULL, 2, 1,
     1, 'scan.dark', 'always', NULL, NULL, NULL, 'slack', NULL, NULL, NULL);
INSERT INTO "exception" VALUES (1, 7, '', '192.0.2.1/32', -1, 'our scanner', 'operator', 1, NULL);
INSERT INTO "incident" VALUES (3, 1, 'sakura-town', '198.51.100.77', 'scan.dark', 0, 'notified', NULL, 'high',
    1, 2, 3, 4, NULL, 254, 254, 1, 0, 'high', 254, 1, 5, '{"type":"finding"}', 3, 4, NULL, 1, NULL, NULL, NULL, 2, 50),
    (5, 1, 'sakura-town', '198.51.100.78', 'scan.dark', 0, 'quiet', NULL, 'high',
    1, 2, 3, 40, 30, 254, 254, 1, 0, 'high', 254, 1, 30, '{"type":"finding"}', 3, 30, NULL, 3, NULL, NULL, NULL, NULL, NULL),
    (6, 1, 'sakura-town', '198.51.100.79', 'scan.dark', 0, 'new', NULL, 'low',
    1, 2, 3, 4, NULL, 254, 254, 1, 0, NULL, 0, 0, NULL, '{"type":"finding"}', 3, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "event" VALUES (1, 3, 3, '', 'new', 'opened', 'keeper', NULL);
INSERT INTO "notice" VALUES (1, 3, 2, 'first', '<3.1@example.org>', '[hinomi] 火', x'613a620d0a', 'waiting', 1, 9, 8,
    '451 later', 7, NULL, NULL),
    (2, 5, 1, 'first', '<5.1@example.org>', 'x', x'', 'delivered', 1, 9, 8, NULL, 10, 11, NULL),
    (3, 5, 2, 'first', '<5.2@example.org>', 'x', x'', 'delivered', 1, 9, 8, NULL, 10, 11, NULL),
    (4, 5, 1, 'update', '<5.3@example.org>', 'x', x'', 'delivered', 1, 9, 8, NULL, 20, 11, NULL),
    (5, 5, 1, 'quiet', '<5.4@example.org>', 'x', x'', 'delivered', 1, 9, 8, NULL, 30, 11, NULL);
INSERT INTO "gap" VALUES (4, 'ring:eth0', 1, 2, 'down', 0, NULL);
INSERT INTO "batch" VALUES ('north', -1, 1, 60, 61, x'0102'), ('north', 5, 2, 120, 121, x'');
INSERT INTO "heard" VALUES (x'00000000000000000000ffffc0000201', 1, 2, 1);
INSERT INTO "stat" VALUES (300, 0, 'request', 6, 445, '', 0, 10, 600, 3),
    (3600, 0, 'request', 17, 53, '', 0, 1, 90, 1);
INSERT INTO "meta" VALUES ('learned', 'range');
PRAGMA application_id = 1214869103;
PRAGMA user_version = 4;
COMMIT;

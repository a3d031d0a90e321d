/*
 * config.h - what a station is told by its file: DIR/station.yaml, validated whole; and by
 * DIR/settings.yaml, where there is one, in which stands what was changed by the page or `hinomi
 * setting` (station/settings.h): only keys that the table lets be changed so, and what it says
 * wins.
 *
 * Every key stands in one table (config_keys.c): type, range, default, explanation. From it come
 * the reading, the list that `hinomi check --explain` prints and the commented file that `hinomi
 * init` writes. All keys are optional. A key that is not known gives its line and the nearest one
 * that is; a value that is wrong its line, the value and what was expected; nothing that is wrong
 * is ever taken for its default.
 *
 * A configuration is one plain value without pointers: it may be copied, compared by memcmp (every
 * byte of it is set) and sent to another process of the same program.
 */
#ifndef CMD_STATION_CONFIG_H
#define CMD_STATION_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/address.h"
#include "base/complaint.h"
#include "base/endpoint.h"
#include "base/hours.h"
#include "base/weekday.h"
#include "cmd/station/names.h"
#include "cmd/station/source_address.h"
#include "detect/thresholds.h"
#include "notify/mail.h"
#include "notify/wording.h"

struct station_dir;

enum {
	STATION_NAME_BYTES = 128, /* as a member's, since they stand side by side in notices */
	STATION_PATH_BYTES = 512, /* a path in the file; longer ones are mistakes */
	STATION_MAIL_BYTES = MAIL_ADDRESS_BYTES_MAX + 1,
	STATION_ALGORITHM_BYTES = 32, /* as a key's name (notify/certificate.h) */
	STATION_USER_BYTES = 256,     /* RFC 4954 gives user names no room for more */
	STATION_PREFIXES_MAX = 1024,  /* of a list; members' ranges stand in the database instead */
	STATION_EXPECT_MAX = 64,      /* stations that one watches */
	STATION_COUNTRY_BYTES = 8,    /* "JP", "none" */
	STATION_LINK_URL_BYTES_MAX = 200, /* a path for a proxy included; 37 fit one line */
	STATION_KEYS_MAX = 96,            /* a test holds that the table fits */
};

/* Where the value of a key comes from. */
enum station_origin {
	STATION_ORIGIN_DEFAULT,
	STATION_ORIGIN_FILE,     /* station.yaml */
	STATION_ORIGIN_SETTINGS, /* settings.yaml */
};

/* Names where mail or a web hook may be meant. */
enum station_channel {
	STATION_CHANNEL_AUTO, /* whatever the operator has */
	STATION_CHANNEL_MAIL,
	STATION_CHANNEL_WEBHOOK,
	STATION_CHANNEL_BOTH,
};

enum station_mail_security {
	STATION_MAIL_STARTTLS, /* plain text until STARTTLS, and nothing sent before it */
	STATION_MAIL_TLS,      /* TLS from the first byte */
	STATION_MAIL_NONE,     /* on this machine only */
};

enum station_store_engine {
	STATION_STORE_SQLITE,
};

struct station_config_station {
	char name[STATION_NAME_BYTES]; /* "" before station_config_complete() */
	int language;                  /* enum language; -1 before station_config_complete() */
	char zone[STATION_ZONE_BYTES]; /* IANA; "" before station_config_complete() */
};

struct station_config_sources {
	bool is_auto; /* chosen when the station starts (sources.h) */
	size_t count;
	struct station_source list[STATION_SOURCES_MAX];
};

struct station_config_prefixes {
	bool is_auto; /* for watch.ranges: what is heard on the wire */
	size_t count;
	struct prefix list[STATION_PREFIXES_MAX];
};

struct station_config_watch {
	struct station_config_prefixes ranges; /* whose unused addresses may be learned */
	int64_t quiet_us;  /* never heard for so long: an address is taken for dark */
	int64_t settle_us; /* after the start; sweeps need more evidence meanwhile */
};

/* The first frames of what becomes an incident. */
struct station_config_evidence {
	uint32_t frames; /* of each kind and port; 0: none are kept */
};

struct station_config_operator {
	char mail[STATION_MAIL_BYTES]; /* "" for none, as all texts here */
	char webhook[URL_BYTES];
	int language; /* enum language; -1 for the station's, before station_config_complete() */
};

/* Who signs mail; a key and a certificate, or neither. */
struct station_config_sign {
	char key[STATION_PATH_BYTES];
	char certificate[STATION_PATH_BYTES];
	char algorithm[STATION_ALGORITHM_BYTES]; /* "" for whatever the key is */
};

/* Where what comes back to mail.from arrives. */
struct station_config_bounces {
	/* "", a Maildir (absolute, where an open station's was read), or imaps://HOST[:PORT]/FOLDER
	 */
	char mailbox[STATION_PATH_BYTES];
	char user[STATION_USER_BYTES]; /* by IMAP */
	char password_file[STATION_PATH_BYTES];
};

struct station_config_mail {
	struct endpoint server; /* port 0: there is none, and no mail is sent */
	enum station_mail_security security;
	char user[STATION_USER_BYTES];
	char password_file[STATION_PATH_BYTES]; /* relative to the station's directory, as all */
	char from[STATION_MAIL_BYTES];    /* "" before station_config_complete(): hinomi@HOST */
	char ca_file[STATION_PATH_BYTES]; /* absolute, where an open station's was read */
	char helo[HOST_BYTES];            /* "" before station_config_complete(): the host's name */
	struct station_config_sign sign;
	struct station_config_bounces bounces;
};

struct station_config_webhook {
	bool allow_private; /* a web hook may lead to an address that is not public, and be http */
};

struct station_config_digest {
	bool is_on;
	struct weekday_time at; /* or each day; in the station's zone */
};

struct station_config_notices {
	int64_t settle_us; /* an incident is this old before its first letter */
	struct station_config_digest digest;
	uint32_t cap;      /* notices per member and hour */
	int64_t remind_us; /* of the member's hours without an answer; 0: nobody is reminded */
	char hours[HOURS_TEXT_BYTES];
	char country[STATION_COUNTRY_BYTES]; /* "": as the zone tells */
	char files[STATION_PATH_BYTES];      /* where they may be written as files; likewise */
	char ca_file[STATION_PATH_BYTES];    /* of collectors of logs; likewise */
};

struct station_config_canary {
	int64_t every_us; /* 0: none */
	int64_t deadline_us;
	enum station_channel to;
	char maildir[STATION_PATH_BYTES]; /* likewise */
};

struct station_expected {
	char name[STATION_NAME_BYTES];
	int64_t deadline_us;
};

struct station_config_expect {
	size_t count;
	struct station_expected list[STATION_EXPECT_MAX];
};

/* Of the station itself. */
struct station_config_alarms {
	int64_t down_us;   /* an interface is down for so long; 0: none for that */
	int64_t silent_us; /* or hears nothing */
	int64_t rest_us;   /* what is well for so long is over */
};

struct station_config_heartbeat {
	char url[URL_BYTES];
	int64_t every_us;
	struct station_config_expect expect;  /* stations that must report to this one */
	char secret_file[STATION_PATH_BYTES]; /* that those who report to each other share */
};

struct station_config_metrics {
	struct endpoint listen; /* an address; port 0: off */
	bool was_chosen;        /* the address stands in the file */
	bool open;              /* numbers are for everybody, not for this machine alone */
};

/* Answers to letters: the page behind their links. */
struct station_config_answers {
	int64_t valid_us; /* so long a link is good */
};

struct station_config_web {
	char url[URL_BYTES];                  /* what links begin with; "": letters have none */
	struct endpoint listen;               /* an address; port 0: off */
	bool was_chosen;                      /* the address stands in the file */
	char certificate[STATION_PATH_BYTES]; /* of TLS; "": without */
	char key[STATION_PATH_BYTES];
	bool allow_http; /* links may begin with http, which others can read */
};

struct station_config_retention {
	int64_t incidents_us; /* after they were closed; open ones are never removed */
	int64_t notices_us;
	int64_t events_us;
	int64_t batches_us;
	int64_t statistics_5m_us;
	int64_t statistics_hour_us;
	int64_t statistics_day_us;
	int64_t gaps_us;
	int64_t audit_us;
};

/* Free space below which statistics go: one of the two is not 0. */
struct station_config_low_disk {
	unsigned percent;
	uint64_t bytes;
};

struct station_config_store {
	enum station_store_engine engine;
	struct station_config_low_disk low_disk;
	uint64_t batches_max; /* bytes */
	struct station_config_retention retention;
};

struct station_config_geo {
	char country[STATION_PATH_BYTES];
	char network[STATION_PATH_BYTES];
};

struct station_config {
	struct station_config_station station;
	struct station_config_sources sources;
	struct station_config_prefixes dark; /* declared so */
	struct station_config_watch watch;
	uint64_t memory; /* bytes of all tables */
	uint32_t workers;
	struct station_config_operator operator;
	struct station_config_mail mail;
	struct station_config_webhook webhook;
	struct station_config_notices notices;
	struct station_config_answers answers;
	struct station_config_canary canary;
	struct station_config_alarms alarms;
	struct station_config_heartbeat heartbeat;
	struct station_config_metrics metrics;
	struct station_config_web web;
	struct station_config_evidence evidence;
	struct station_config_store store;
	struct station_config_geo geo;
	struct thresholds thresholds;
	uint8_t origins[STATION_KEYS_MAX]; /* enum station_origin, by the number of the key */
};

/* What DIR/settings.yaml says, as it stands there. */
enum {
	STATION_CHANGE_BYTES = 256, /* of one text, with its NUL: hours have as many */
};
struct station_changes {
	char texts[STATION_KEYS_MAX][STATION_CHANGE_BYTES]; /* by numbers of keys; "": not set */
};

/* What an empty file says. */
void station_config_init(struct station_config *ret_config);

/*
 * Reads the files of an open station and completes them with this machine's names.
 * Files that it names are looked at, not opened: a password that others may read is refused, a
 * database that is not there as well. What this process may not look at is left to the one that
 * may. *ret_config is written only when all is right. Otherwise a negative errno: -EINVAL for the
 * content, -EPERM for owner or mode of a file, or what opening gave.
 */
int station_config_read(
    const struct station_dir *dir, struct station_config *ret_config, struct complaint *complaint);

/*
 * The same, not completed, as it would be if DIR/settings.yaml held this text; NULL: if there were
 * none.
 */
int station_config_try(const struct station_dir *dir, const char *settings, size_t length,
    struct station_config *ret_config, struct complaint *complaint);

/* DIR/settings.yaml alone; all are not set where there is none. As station_config_read(). */
int station_changes_read(const struct station_dir *dir, struct station_changes *ret_changes,
    struct complaint *complaint);

/*
 * The same from memory, for tests and fuzzing: without a look at files, and not completed. `name`
 * stands in complaints for the file.
 */
int station_config_parse(const char *name, const char *text, size_t length,
    struct station_config *ret_config, struct complaint *complaint);
/* The same of both, as "station.yaml" and "settings.yaml". */
int station_config_parse_both(const char *text, const char *settings, size_t settings_bytes,
    struct station_config *ret_config, struct complaint *complaint);

/* Puts these where the file left it to the machine. */
void station_config_complete(struct station_config *config, const struct station_names *names);

/* Whether a mailbox is read for what comes back, and whether by IMAP. */
bool station_config_has_mailbox(const struct station_config *config);
bool station_config_has_imap(const struct station_config *config);

/* Whether there is a way to tell the operator anything: a mailbox and a server, or a web hook. */
bool station_config_has_mail(const struct station_config *config);
bool station_config_has_webhook(const struct station_config *config);
/* All that it watches are exercises. */
bool station_config_is_exercise(const struct station_config *config);

enum {
	/* Where a share is given: a database needs some room for its last transactions. */
	STATION_LOW_DISK_MIN_BYTES = 256 * 1024 * 1024
};

/* Free space, in bytes, below which statistics go, on a disk of so many bytes. */
uint64_t station_config_low_disk(const struct station_config *config, uint64_t disk_bytes);

/* All keys: default, what is expected, what each is for. */
void station_config_explain(FILE *out, enum language language);

/* A value that `hinomi init` puts into a new file. Several of one key make a list. */
struct station_setting {
	const char *key; /* "mail.server" */
	const char *text;
};

/*
 * Writes a new file: every key with its explanation, `settings` as they are, all others as a
 * comment with their default or an example. `heading` (lines, may be "") comes first, as a comment.
 */
struct station_draft {
	enum language language;
	const char *heading;
	const struct station_setting *settings;
	size_t count;
};

void station_config_write(FILE *out, const struct station_draft *draft);
/* DIR/settings.yaml: the heading, and the settings alone. */
void station_config_write_changes(FILE *out, const struct station_draft *draft);

#endif

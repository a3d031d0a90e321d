/*
 * records.h - what a station keeps, as records of C.
 *
 * A record is a plain struct. Its text and bytes are borrowed: by whoever puts it, from whoever
 * made it, and by whoever is given it, for as long as the call that gives it. Times are
 * microseconds since 1970 UTC. Enumerations are names in the database (store/columns.h), so that it
 * can be read without this file. Names that belong to other folders (rules, severities, states of
 * incidents) are text here: a new rule is no new schema.
 *
 * Optional fields say "none" by zero, "" or no bytes; all other text must be there, though it may
 * be "". Text is UTF-8. Every `id` is given by the store (store_put) and is never used again; 0 is
 * no record.
 */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum store_kind {
	STORE_MEMBER,
	STORE_PREFIX,
	STORE_CONTACT,
	STORE_EXCEPTION,
	STORE_INCIDENT,
	STORE_EVENT,
	STORE_NOTICE,
	STORE_ACCOUNT,
	STORE_SESSION,
	STORE_AUDIT,
	STORE_FRAME,
	STORE_GAP,
	STORE_BATCH,
	STORE_HEARD,
	STORE_STAT,
	STORE_META,
	STORE_KIND_COUNT
};

struct store_bytes {
	const void *data;
	size_t length;
};

/* An organisation that registered its address ranges. Its name is its own. */
struct store_member {
	int64_t id;
	const char *name;
	const char *language; /* "ja", "en" */
	const char *zone;     /* of its times: "Asia/Tokyo" */
	const char *note;     /* optional */
	int64_t created_us;
	const char *country; /* optional: whose holidays it keeps, "JP" */
	const char *hours;   /* optional: when somebody is there (base/hours.h) */
	const char *egress;  /* optional: several organisations share its addresses; which log tells
				them apart */
};

/* Of a member; goes with it. */
struct store_prefix {
	int64_t id;
	int64_t member_id;
	const char *prefix;
	bool dark; /* declared: nobody uses it */
};

enum contact_kind {
	CONTACT_MAIL,
	CONTACT_WEBHOOK,
	CONTACT_SYSLOG, /* a collector, over TLS */
	CONTACT_FILES,  /* a directory of this machine */
};

enum contact_state {
	CONTACT_UNVERIFIED,
	CONTACT_VERIFIED,
	CONTACT_FAILING, /* verified, but notices do not arrive */
	CONTACT_STOPPED, /* asked us to stop */
};

/* Of a member, and goes with it; of the operator where member_id is 0. */
struct store_contact {
	int64_t id;
	int64_t member_id; /* optional */
	enum contact_kind kind;
	const char *address;
	const char *language;
	const char *severity_min;
	enum contact_state state;
	struct store_bytes code_hash; /* optional: of the code that verifies it */
	int64_t code_until_us;        /* optional */
	int64_t verified_us;          /* optional */
	int64_t failures;             /* deliveries in a row that failed */
	int64_t created_us;
	/* What follows is optional. */
	int64_t tier;                   /* 0: is told first; 1: when nobody answered */
	const char *rules;              /* it is told of these only: "scan.dark,scan.live" */
	const char *hours;              /* it is told within these; "": always */
	const char *attach;             /* the format of what is attached, "" as JSON */
	struct store_bytes certificate; /* X.509, DER: its mail is encrypted to that */
	int64_t certificate_until_us;
	const char *style;  /* the form of what it gets, such as a chat service's */
	const char *secret; /* by which what it gets is signed */
	int64_t bounced_us; /* a message to it came back then */
	const char *bounce; /* why */
};

/* What is known and wanted: no incident of it. */
struct store_exception {
	int64_t id;
	int64_t member_id;   /* optional: of any member; goes with its member */
	const char *rule;    /* "": any */
	const char *subject; /* a prefix */
	int64_t port;        /* -1: any */
	const char *reason;
	const char *by;
	int64_t created_us;
	int64_t until_us; /* optional: for ever */
};

/* One member's one source and one rule. Outlives its member. */
struct store_incident {
	int64_t id;
	int64_t member_id;  /* 0: of no member */
	const char *member; /* its name then */
	const char *subject;
	const char *rule;
	bool drill;
	const char *state;
	const char *close_reason; /* optional */
	const char *severity;
	int64_t first_us; /* by the clock of packets, as last_us */
	int64_t last_us;
	int64_t opened_us;
	int64_t changed_us;
	int64_t quiet_us; /* optional: since when, where it is quiet */
	int64_t packets;
	int64_t targets;
	int64_t port_count;
	int64_t relapses;
	const char *told_severity; /* optional: what the last notice said, as all told_ */
	int64_t told_targets;
	int64_t told_ports;
	int64_t told_us;     /* optional */
	const char *finding; /* JSON, as `hinomi read --format json` prints it, and more */
	/* Exactly what a keeper knows of it, so that one that starts goes on as the one before. */
	int64_t opened_wall_us; /* optional, as all that follow */
	int64_t state_us;       /* when it came to its state */
	int64_t rested_us;      /* it was seen last before it relapsed */
	int64_t told_letters;   /* so many so far */
	const char *told_named; /* the ports that the last one named: "6/23 17/53" */
	const char *owed;       /* the letter that is to be written: "quiet", "relapse" ... */
	const char
	    *retraction;   /* why what was told does not hold; the rule of what it is instead */
	int64_t reminders; /* since it was told last without an answer */
	int64_t reminded_us;
};

/* What happened to an incident; goes with it. */
struct store_event {
	int64_t id;
	int64_t incident_id;
	int64_t at_us;
	const char *from_state;
	const char *to_state;
	const char *what;
	const char *by;
	const char *note; /* optional */
};

enum notice_kind {
	NOTICE_FIRST,
	NOTICE_UPDATE,
	NOTICE_QUIET,
	NOTICE_RELAPSE,
	NOTICE_RETRACTION,
	NOTICE_VERIFY,
	NOTICE_DIGEST,
	NOTICE_CANARY,
	NOTICE_ALARM,
	NOTICE_REMINDER,    /* nobody answered */
	NOTICE_ESCALATION,  /* nobody answered that either: to the next contact, or the operator */
	NOTICE_SUMMARY,     /* many at once, as one */
	NOTICE_CERTIFICATE, /* one ends soon */
};

enum notice_state {
	NOTICE_WAITING,
	NOTICE_SENDING, /* given to the courier, or about to be */
	NOTICE_DELIVERED,
	NOTICE_FAILED,  /* for good */
	NOTICE_BOUNCED, /* a server took it, and it came back later */
};

/* A finished message: the outbox. Goes with its incident; outlives its contact. */
struct store_notice {
	int64_t id;
	int64_t incident_id; /* optional */
	int64_t contact_id;
	enum notice_kind kind;
	const char *message_id; /* its own */
	const char *subject;
	struct store_bytes body; /* as it is sent */
	enum notice_state state;
	int64_t attempts;
	int64_t next_us;
	int64_t last_us;   /* optional: of the last attempt */
	const char *reply; /* optional: the server's last one */
	int64_t created_us;
	int64_t delivered_us; /* optional */
	int64_t unknown;      /* optional: of the attempts, those whose outcome is not known */
};

enum account_role {
	ACCOUNT_OPERATOR, /* everything */
	ACCOUNT_MEMBER,   /* what is its member's */
	ACCOUNT_VIEWER,   /* looks only: a screen on a wall */
};

/* Who may use the page. One of a member goes with it. */
struct store_account {
	int64_t id;
	const char *name;
	enum account_role role;
	int64_t member_id;         /* optional */
	const char *password_hash; /* optional: Argon2id, encoded; without it links alone lead in */
	const char *language;      /* "ja", "en" */
	int64_t created_us;
	int64_t changed_us;
	int64_t failures;        /* wrong passwords in a row */
	int64_t locked_until_us; /* optional */
	bool disabled;
};

enum session_kind {
	SESSION_PAGE, /* somebody who signed in */
	SESSION_LINK, /* leads in once */
};

/* What is known by a token, of which only the hash is kept. Goes with its account. */
struct store_session {
	int64_t id;
	int64_t account_id;
	const char *token_hash; /* SHA-256 in hexadecimal, its own */
	enum session_kind kind;
	int64_t created_us;
	int64_t until_us;
	const char *from; /* the address that it was made from, or "control" */
};

/* Who changed what, and who tried to. */
struct store_audit {
	int64_t id;
	int64_t at_us;
	const char *by;      /* an account, or a user of this machine */
	const char *from;    /* an address, or "control" */
	const char *what;    /* "incident.ack" */
	const char *on;      /* what it was about */
	const char *outcome; /* "ok", or why not */
};

/* One of the first of an incident: as it came, cut. Goes with it. */
struct store_frame {
	int64_t id;
	int64_t incident_id;
	int64_t at_us;
	const char *source;
	int64_t wire_bytes; /* of the whole */
	int64_t link_type;  /* LINKTYPE_ of pcap */
	struct store_bytes data;
	bool drill;
};

/* When was not, or not wholly, observed. */
struct store_gap {
	int64_t id;
	const char *source;
	int64_t from_us;
	int64_t to_us;
	const char *kind;
	int64_t count;      /* of what was lost, where it is known */
	const char *detail; /* optional */
};

/* A batch of sightings as its sensor wrote it (link/sightings.proto). */
struct store_batch {
	const char *sensor;
	uint64_t epoch; /* random: only equality means something */
	int64_t sequence;
	int64_t window_us;
	int64_t received_us;
	struct store_bytes body;
};

/* An address that was heard, and hence is not dark. Adding widens the times. */
struct store_heard {
	struct address address;
	int64_t first_us;
	int64_t last_us;
	bool two_way;
};

/* Traffic of one period and one value of each dimension. Adding sums up. */
struct store_stat {
	int64_t period_s;
	int64_t start_us;
	const char *kind;
	int64_t protocol;
	int64_t port;        /* -1: none, or the rest of them */
	const char *country; /* two letters; "": unknown */
	int64_t network;     /* number of the autonomous system; 0: unknown */
	int64_t packets;
	int64_t bytes;
	int64_t sources; /* that this row had not yet: the caller knows them */
};

/* What there is one of. */
struct store_meta {
	const char *key;
	const char *value;
};

/* Room for any of them. */
union store_any {
	struct store_member member;
	struct store_prefix prefix;
	struct store_contact contact;
	struct store_exception exception;
	struct store_incident incident;
	struct store_event event;
	struct store_notice notice;
	struct store_account account;
	struct store_session session;
	struct store_audit audit;
	struct store_frame frame;
	struct store_gap gap;
	struct store_batch batch;
	struct store_heard heard;
	struct store_stat stat;
	struct store_meta meta;
};

/* A record and its kind. */
struct store_record {
	enum store_kind kind;
	void *fields;
};

/* STORE_RECORD(&incident): of whatever kind its pointer is. */
#define STORE_RECORD(pointer)                                                                      \
	((struct store_record){.kind = _Generic((pointer), struct store_member *                   \
						: STORE_MEMBER, struct store_prefix *              \
						: STORE_PREFIX, struct store_contact *             \
						: STORE_CONTACT, struct store_exception *          \
						: STORE_EXCEPTION, struct store_incident *         \
						: STORE_INCIDENT, struct store_event *             \
						: STORE_EVENT, struct store_notice *               \
						: STORE_NOTICE, struct store_account *             \
						: STORE_ACCOUNT, struct store_session *            \
						: STORE_SESSION, struct store_audit *              \
						: STORE_AUDIT, struct store_frame *                \
						: STORE_FRAME, struct store_gap *                  \
						: STORE_GAP, struct store_batch *                  \
						: STORE_BATCH, struct store_heard *                \
						: STORE_HEARD, struct store_stat *                 \
						: STORE_STAT, struct store_meta *                  \
						: STORE_META),                                     \
	    .fields = (pointer)})

/*
 * A copy of a record with all its text and bytes in one block, to be freed with free(); NULL when
 * memory is out.
 */
void *store_record_copy(enum store_kind kind, const void *record);

#endif

/*
 * wire.h - what the duties of a station say to each other (proc/message.h), and their orders.
 *
 * All of them are processes of one program, so what is no text goes as it lies in memory; its size
 * is checked, and every text in it ends with NUL before it is used.
 */
#ifndef CMD_STATION_WIRE_H
#define CMD_STATION_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/outbox.h"
#include "cmd/station/paths.h"
#include "cmd/station/surroundings.h"
#include "notify/certificate.h"
#include "notify/returned.h"
#include "notify/smime.h"
#include "proc/duty.h"
#include "proc/message.h"
#include "source/source.h"

/* Names of links and descriptors in the table of duties (cmd/run.c). */
#define WIRE_WORDING_EN "wording.en" /* descriptors: the words of letters (wording_files.h) */
#define WIRE_WORDING_JA "wording.ja"
#define WIRE_ORDERS     "orders"     /* a descriptor: struct wire_orders, then text */
#define WIRE_REPORTS    "reports"    /* a channel: from keeper to capture */
#define WIRE_RELAY      "batches"    /* a relay: from capture to keeper */
#define WIRE_LETTERS    "letters"    /* a channel: keeper and courier */
#define WIRE_CONTROL    "control"    /* a descriptor: the keeper's listening socket */
#define WIRE_PASSWORD   "password"   /* a descriptor: the courier's */
#define WIRE_SIGNING    "signing"    /* a channel: keeper and signer */
#define WIRE_SIGN_KEY   "sign-key"   /* a descriptor: the signer's private key */
#define WIRE_SIGN_CHAIN "sign-chain" /* a descriptor: its certificate, and those above it */
#define WIRE_RETURNS    "returns"    /* a channel: keeper and mailroom */
/* Beside these, copies of databases for the keeper: geo_database_name(). */
/* What goes by these is in station/wire_web.h. */
#define WIRE_FIGURES_LINK "figures"     /* a channel: web and keeper */
#define WIRE_BEATS        "heartbeats"  /* a channel: keeper and courier */
#define WIRE_LISTEN       "listen"      /* a descriptor: the socket by which web listens */
#define WIRE_SECRET       "secret"      /* a descriptor: what stations share (web, courier) */
#define WIRE_PAGES        "pages"       /* a descriptor: the socket by which web serves pages */
#define WIRE_CERTIFICATE  "certificate" /* a descriptor: of TLS for those (web) */
#define WIRE_KEY          "key"         /* a descriptor: likewise */
#define WIRE_ANSWER_KEY   "answer-key"  /* a descriptor: what signs the links in letters (keeper) */

enum wire_type {
	/* Parent and capture. */
	WIRE_GRANT = DUTY_TYPE_FIRST, /* struct source_grant; its descriptors follow */
	WIRE_DESCRIPTOR,              /* one of them: its number (u32), and itself */
	WIRE_WANTED,                  /* from the duty: it has no source */
	/* Keeper and capture. */
	WIRE_REGISTRY, /* a descriptor: the text that the registry is made of */
	WIRE_CANARY,   /* its number (u16) */
	WIRE_REACHED,  /* before the first WIRE_REGISTRY, to an exercise: when to go on (i64) */
	/* Keeper and courier. */
	WIRE_PARCEL, /* notice (i64), kind (u8), address, Message-ID (texts), body (bytes) */
	WIRE_RESULT, /* notice (i64), outcome (u8), reply (text), when (i64) */
	/* Parent and any duty. */
	WIRE_BEGUN,  /* from the duty: it does its work */
	WIRE_CANNOT, /* from the duty: it cannot, and why (text); then it ends */
	WIRE_DONE,   /* from the duty: there is nothing more to do (`hinomi run --once`) */
	/* Web and keeper, each asked by web (station/wire_web.h). */
	WIRE_ASK,
	WIRE_FIGURES,
	WIRE_HEARD,
	WIRE_NOTED,
	/* Keeper and courier. */
	WIRE_BEAT,
	WIRE_BEATEN,
	/* Parent, and web and keeper. */
	WIRE_ROLL,
	/* Web and keeper, asked by web (station/wire_answer.h). */
	WIRE_QUESTION,
	WIRE_LEAF,
	/* Web and keeper, asked by web (station/wire_call.h). */
	WIRE_CALL,
	WIRE_ANSWERED,
	WIRE_WATCHED, /* from web: somebody looks at what happens now (station/wire_web.h) */
	WIRE_SPARKS,
	/* Keeper and mailroom. */
	WIRE_RETURNED,     /* a mark (u64), kind and count of Message-IDs (u8), those, from, reason,
			      text */
	WIRE_NOTED_RETURN, /* that mark (u64), whether it is to come again (u8) */
	/* Keeper and signer. */
	WIRE_SIGN,   /* a number (u64), what is to be signed (bytes) */
	WIRE_SIGNED, /* that number (u64), the digest's name (text), the signature (bytes) */
	/* From keeper to capture (station/wire_frames.h). */
	WIRE_FRAMES_WANTED,
	/* From keeper to parent: settings were changed, the configuration is to be read again. */
	WIRE_RELOAD,
};

/* What a duty is to do. The same for all, but for `source`. */
struct wire_orders {
	uint32_t bytes; /* of this structure: another program's would differ */
	struct station_config config;
	struct station_source source; /* of a capture */
	uint32_t source_number;
	uint32_t rows[STATION_SOURCES_MAX]; /* of config.sources, which are those that are watched
					       now: the number of its capture */
	int64_t began_us;                   /* wall: the station did, with all its duties */
	uint64_t memory_bytes;              /* of this duty's tables */
	bool ends;                          /* `--once`: the station ends with its sources */
	char database[STATION_DIR_PATH_BYTES];  /* its path; of the keeper, as what follows */
	char directory[STATION_DIR_PATH_BYTES]; /* of the station */
	struct surroundings surroundings;
	struct certificate_facts signing; /* the signer's; until_us is 0 where nobody signs */
	uint32_t dir_user;                /* to whom the station's directory belongs */
	uint32_t dir_group;
};

/* Bits of wire_report.flags. */
enum {
	WIRE_HAS_SOURCE = 1 << 0,
	WIRE_HAS_ENDED = 1 << 1, /* no more frames will come */
	WIRE_IS_UP = 1 << 2,
};

/*
 * What a capture tells of itself, every second and when something changes. It goes by the relay, as
 * batches do: a capture may write nowhere else, and nothing is told twice. What was lost is counted
 * since the report before.
 */
struct wire_report {
	uint64_t number; /* of the source */
	uint64_t flags;
	uint64_t packets; /* without canaries, as is: */
	uint64_t bytes;
	uint64_t dropped; /* by the kernel: they came too fast */
	uint64_t refused; /* for another reason */
	uint64_t truncated;
	uint64_t malformed;
	uint64_t unsupported;
	uint64_t evicted;
	uint64_t lost_batches; /* that found no room in the relay */
	uint64_t epoch;        /* by chance: of this process */
	uint64_t sequence;     /* from 1 */
	int64_t last_us;       /* of a packet */
	int64_t since_us;      /* wall: an interface was opened then; 0: it was not, or is none */
	int64_t until_us;      /* wall: all that came before was told */
	uint64_t canary;       /* the number of the last one, */
	int64_t canary_us;     /* and the wall time at which it was sent */
	char interface[SOURCE_INTERFACE_BYTES];
};

/*
 * Writes orders, and text behind them, into memory that can be passed on and not be changed.
 * Returns a descriptor (close-on-exec), or a negative errno.
 */
int wire_write_orders(const struct wire_orders *orders, const char *text, size_t length);
/* Any text alone likewise. */
int wire_write_text(const char *text, size_t length);
/*
 * Reads them; closes `fd`. Returns 0, or a negative errno with a complaint.
 */
int wire_read_orders(int fd, struct wire_orders *ret_orders, struct complaint *complaint);
/* Reads a text of at most `max` bytes, to be freed; ends it with NUL. Closes `fd`. */
int wire_read_text(int fd, size_t max, char **ret_text, size_t *ret_length);

enum {
	WIRE_TEXT_MAX_BYTES = 16 << 20, /* a registry of 65,536 prefixes with long names */
	WIRE_PEM_MAX_BYTES = 64 << 10,  /* a certificate and all that vouch for it, or a key */
};

enum {
	WIRE_MEDIA_TYPE_BYTES = 64,
};

/* Parcels and their results. Writing: -EMSGSIZE for one that is too large to be sent. */
int wire_send_parcel(struct channel *channel, const struct outbox_parcel *parcel);
int wire_send_result(struct channel *channel, const struct outbox_result *result);

/* A parcel as it is read: points into the message. */
struct wire_parcel {
	int64_t notice;
	enum contact_kind kind;
	char address[ROSTER_ADDRESS_BYTES];
	char message_id[256];
	char media_type[WIRE_MEDIA_TYPE_BYTES];
	char signature[SIGNATURE_TEXT_BYTES]; /* "" where it is not signed */
	const uint8_t *body;
	size_t length;
};
bool wire_read_parcel(const struct message *message, struct wire_parcel *ret_parcel);

/* What came back, told by the mailroom; whether the keeper has it. */
int wire_send_returned(struct channel *channel, uint64_t mark, const struct returned *returned);
bool wire_read_returned(
    const struct message *message, uint64_t *ret_mark, struct returned *ret_returned);
int wire_send_noted_return(struct channel *channel, uint64_t mark, bool is_to_come_again);
bool wire_read_noted_return(
    const struct message *message, uint64_t *ret_mark, bool *ret_is_to_come_again);

/*
 * What is to be signed, and its signature: by a bare socket, since the keeper waits for it
 * (proc/message.h). 0, or as message_send() has it.
 */
int wire_send_sign(int fd, uint64_t number, const void *bytes, size_t length);

struct wire_sign {
	uint64_t number;
	const uint8_t *bytes; /* within the message */
	size_t length;
};
bool wire_read_sign(const struct message *message, struct wire_sign *ret_sign);

struct wire_signed {
	uint64_t number;
	char micalg[SMIME_MICALG_BYTES];
	const uint8_t *bytes; /* within the message; none: it could not be signed */
	size_t length;
};
int wire_send_signed(struct channel *channel, const struct wire_signed *made);
bool wire_read_signed(const struct message *message, struct wire_signed *ret_signed);

struct wire_result {
	int64_t notice;
	enum courier_outcome outcome;
	char reply[COURIER_REPLY_BYTES];
	int64_t at_us;
};
bool wire_read_result(const struct message *message, struct wire_result *ret_result);

enum {
	WIRE_REPORT_BYTES = 256,
	WIRE_REPORT_MARK = 0xff, /* the first byte: batches begin with a length below 2^24 */
};

/* A report as a record of a relay; returns its length. */
size_t wire_write_report(const struct wire_report *report, uint8_t out[static WIRE_REPORT_BYTES]);
/* Whether a record means to be one, and whether it is; then *ret_report. */
bool wire_is_report(const uint8_t *bytes, size_t count);
bool wire_read_report(const uint8_t *bytes, size_t count, struct wire_report *ret_report);

#endif

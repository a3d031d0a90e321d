/*
 * thresholds.h - every number a rule can be tuned by: its default, its unit, its reason.
 *
 * They come from the `thresholds` section of a YAML file (`hinomi read --config FILE`, a
 * station's station.yaml), with a mapping per rule and these field names as keys:
 *
 *   thresholds:
 *     scan.dark:
 *       targets: 3
 *       window_s: 86400
 *
 * What is not named keeps its default. The table in thresholds.c holds default, range, unit and
 * reason of each; `hinomi read --explain thresholds` prints it.
 */
#ifndef DETECT_THRESHOLDS_H
#define DETECT_THRESHOLDS_H

#include <stdint.h>
#include <stdio.h>

#include "base/complaint.h"

struct thresholds_scan_dark {
	uint32_t targets;          /* 3: distinct dark addresses that make a member's finding */
	uint32_t window_s;         /* 86400: within so long */
	uint32_t marked_packets;   /* 2: packets with a 2^-32 mark that alert to any address */
	uint32_t stranger_targets; /* 10: for addresses of no member (Merit's lower bound) */
	uint32_t stranger_rate;    /* 10 packets/s, extrapolated to all IPv4 (Merit) */
	uint32_t scan_rate;        /* 100 packets/s: r in the event gap T = ln(1000)*2^32/(r*D) */
};

struct thresholds_scan_sweep {
	uint32_t targets;       /* 10 distinct unheld addresses within window_s */
	uint32_t window_s;      /* 300 */
	uint32_t slow_targets;  /* 50 within slow_window_s */
	uint32_t slow_window_s; /* 86400 */
};

struct thresholds_scan_live {
	uint32_t watch_failures;   /* 7: net failures on one port that are worth an `info` */
	uint32_t failures;         /* 10: P_F = 1e-6 (Jung 2004 with theta0 0.8, theta1 0.2) */
	uint32_t udp_failures;     /* 30: silence means little in UDP */
	uint32_t dark_failures;    /* 10: silent UDP contacts to dark addresses */
	uint32_t ports;            /* 15 ports of one target refused or silent: vertical */
	uint32_t protocols;        /* 15 IP protocol numbers: protocol scan */
	uint32_t answer_timeout_s; /* 5: no answer within so long is a failure */
	uint32_t web_failures; /* 25: on 80 and 443 of public addresses without order or density */
};

struct thresholds_ddos_victim {
	uint32_t packets;      /* 25 (Moore et al. 2006) */
	uint32_t duration_s;   /* 60 */
	uint32_t peak_packets; /* 30 within a 60-s window sliding by 10 s */
	uint32_t many_packets; /* 100 unsolicited replies ... */
	uint32_t many_targets; /* ... to 50 distinct addresses within 24 h, as soon as reached */
	uint32_t end_s;        /* 300: a vector ends after so long without a packet */
};

struct thresholds_ddos_incoming {
	uint32_t sources;  /* 500 distinct sources that the victim never contacted */
	uint32_t window_s; /* 60 */
	uint32_t
	    exchange_percent; /* 20: above this share of senders with further exchange: a crowd */
};

struct thresholds_ddos_reflector {
	uint32_t packets;  /* 10 */
	uint32_t targets;  /* 3 dark addresses that never asked */
	uint32_t window_s; /* 600 */
};

struct thresholds_config_stray {
	uint32_t targets;    /* 2 at most */
	uint32_t packets;    /* 6 at least */
	uint32_t duration_s; /* 3600 at least */
};

struct thresholds_spoof_member {
	uint32_t addresses;     /* 20 of one member ... */
	uint32_t packets;       /* ... with at most 3 packets each, same kind and port, ... */
	uint32_t window_s;      /* ... within 600 s, ... */
	uint32_t share_percent; /* ... and at least 80 % of that member's senders then */
};

struct thresholds {
	struct thresholds_scan_dark scan_dark;
	struct thresholds_scan_sweep scan_sweep;
	struct thresholds_scan_live scan_live;
	struct thresholds_ddos_victim ddos_victim;
	struct thresholds_ddos_incoming ddos_incoming;
	struct thresholds_ddos_reflector ddos_reflector;
	struct thresholds_config_stray config_stray;
	struct thresholds_spoof_member spoof_member;
};

/* The defaults. */
void thresholds_init(struct thresholds *ret_thresholds);

struct config;
struct config_node;

/*
 * Overlays *thresholds with a section named `thresholds` of a larger file; on failure it is left as
 * it was. -EINVAL with a complaint as below.
 */
int thresholds_overlay(const struct config *config, const struct config_node *section,
    struct thresholds *thresholds, struct complaint *complaint);

/*
 * Defaults overlaid with the file, validated whole: *ret_thresholds is written only when everything
 * is right. Otherwise -EINVAL (or what opening gave) and a complaint "FILE:LINE: what is wrong,
 * what was expected"; an unknown key names the nearest known one.
 */
int thresholds_read(
    const char *path, struct thresholds *ret_thresholds, struct complaint *complaint);
/* The same from memory, for tests and fuzzing; `name` stands in complaints for the file. */
int thresholds_parse(const char *name, const char *text, size_t length,
    struct thresholds *ret_thresholds, struct complaint *complaint);

/* A table: key, default, smallest, largest, unit, reason. */
void thresholds_explain(FILE *out);

#endif

/*
 * finding_record.h - a finding as the store keeps it, and made from that again.
 *
 * It is the object that `hinomi read --format json` prints (notify/finding_json.h), and in it
 * "codes": what its words are made from, so that it can be told again, in any language, by who has
 * only the record. Which frames were kept of it is not in it.
 */
#ifndef CMD_STATION_FINDING_RECORD_H
#define CMD_STATION_FINDING_RECORD_H

#include "base/complaint.h"
#include "detect/finding.h"

enum {
	/* Ports, events, reasons and words of the largest are a tenth of it. */
	FINDING_RECORD_BYTES_MAX = 64 << 10,
};

/* Gives the text, to be freed. `member` is its name, NULL for strangers. 0 or -ENOMEM. */
int finding_record_write(const struct finding *finding, const char *member, char **ret_text);

/*
 * The other way; `member` of the finding is MEMBER_NONE then. A record without codes, or with some
 * that are not known, gives a finding that says less. Returns 0, or -EINVAL with a complaint when
 * it is no finding of ours.
 */
int finding_record_read(const char *text, struct finding *ret_finding, struct complaint *complaint);

#endif

/*
 * filter.h - a capture filter in libpcap's language (pcap-filter(7)), compiled once per link type.
 */
#ifndef SOURCE_FILTER_H
#define SOURCE_FILTER_H

#include <stdbool.h>

#include "base/complaint.h"
#include "source/frame.h"

struct filter;

/* Checks `expression` against Ethernet at once. Returns 0, or -EINVAL with libpcap's words. */
int filter_new(const char *expression, struct filter **ret_filter, struct complaint *complaint);
/*
 * A frame of a link type for which the expression could not be compiled does not pass, and is
 * counted as unjudged.
 */
bool filter_passes(struct filter *filter, const struct frame *frame);
/* Removes what does not pass from the batch, keeping order. */
void filter_batch(struct filter *filter, struct frame_batch *batch);
uint64_t filter_get_unjudged(const struct filter *filter);
void filter_free(struct filter *filter); /* NULL is allowed */

#endif

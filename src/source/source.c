#include "source/source.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Enough for the names of all kinds there will ever be; more are cut in the message. */
enum {
	KIND_NAMES_BYTES = 128
};

static const struct source_kind *find_kind(
    const struct source_kind *const *kinds, const char *name, size_t name_bytes)
{
	for (; *kinds != NULL; kinds++)
		if (strlen((*kinds)->name) == name_bytes &&
		    memcmp((*kinds)->name, name, name_bytes) == 0)
			return *kinds;
	return NULL;
}

/* Whether what stands before the colon could be the name of a kind, and not part of a path. */
static bool looks_like_kind(const char *address, size_t name_bytes)
{
	for (size_t i = 0; i < name_bytes; i++)
		if (!islower((unsigned char)address[i]) && !isdigit((unsigned char)address[i]))
			return false;
	return name_bytes > 0;
}

static int complain_kind(const struct source_kind *const *kinds, const char *address,
    size_t name_bytes, struct complaint *complaint)
{
	char names[KIND_NAMES_BYTES] = "";
	size_t used = 0;
	for (; *kinds != NULL; kinds++) {
		int length = snprintf(names + used, sizeof names - used,
		    "%s%s:", used > 0 ? ", " : "", (*kinds)->name);
		assert(length >= 0);
		used += (size_t)length;
		if (used >= sizeof names)
			break;
	}
	return complain(complaint, -EINVAL,
	    "%s: no such file, and \"%.*s\" is no kind of source; expected a file or one of %s",
	    address, (int)name_bytes, address, names);
}

int source_open(const struct source_kind *const *kinds, const char *address,
    struct source **ret_source, struct complaint *complaint)
{
	assert(kinds != NULL && address != NULL && ret_source != NULL);

	const char *colon = strchr(address, ':');
	size_t name_bytes = colon != NULL ? (size_t)(colon - address) : 0;
	const struct source_kind *kind =
	    colon != NULL ? find_kind(kinds, address, name_bytes) : NULL;
	if (kind != NULL)
		return kind->open(colon + 1, ret_source, complaint);

	if (colon != NULL && looks_like_kind(address, name_bytes) && access(address, F_OK) != 0)
		return complain_kind(kinds, address, name_bytes, complaint);
	return source_pcap.open(address, ret_source, complaint);
}

int source_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	assert(max > 0 && max <= FRAME_BATCH_MAX);
	assert(batch->count == 0);
	return source->kind->read(source, batch, max, complaint);
}

void source_get_progress(const struct source *source, struct source_progress *ret_progress)
{
	source->kind->get_progress(source, ret_progress);
}

uint64_t source_get_dropped(struct source *source)
{
	return source->kind->get_dropped == NULL ? 0 : source->kind->get_dropped(source);
}

bool source_is_live(const struct source *source)
{
	return source->kind->is_live;
}

void source_close(struct source *source)
{
	if (source != NULL)
		source->kind->close(source);
}

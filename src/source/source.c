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

bool source_is_live(const struct source *source)
{
	return source->kind->live != NULL;
}

void source_close(struct source *source)
{
	if (source != NULL)
		source->kind->close(source);
}

int source_prepare(const struct source_kind *const *kinds, const char *address,
    struct source_grant *ret_grant, struct complaint *complaint)
{
	const char *colon = strchr(address, ':');
	const struct source_kind *kind =
	    colon == NULL ? NULL : find_kind(kinds, address, (size_t)(colon - address));
	if (kind == NULL || kind->live == NULL)
		return complain(complaint, -EOPNOTSUPP,
		    "%s: is nothing that comes live; expected an interface such as ring:eth0",
		    address);
	return kind->live->prepare(colon + 1, ret_grant, complaint);
}

int source_adopt(const struct source_kind *const *kinds, const struct source_grant *grant,
    struct source **ret_source, struct complaint *complaint)
{
	const size_t name_bytes = strnlen(grant->kind, sizeof grant->kind);
	const struct source_kind *kind = find_kind(kinds, grant->kind, name_bytes);
	if (kind != NULL && kind->live != NULL)
		return kind->live->adopt(grant, ret_source, complaint);
	struct source_grant given = *grant;
	source_grant_release(&given);
	return complain(complaint, -EOPNOTSUPP, "%.*s: is no kind of live source", (int)name_bytes,
	    grant->kind);
}

void source_grant_release(struct source_grant *grant)
{
	assert(grant->descriptor_count <= SOURCE_DESCRIPTORS_MAX);
	while (grant->descriptor_count > 0)
		(void)close(grant->descriptors[--grant->descriptor_count]); /* only read from */
}

int source_get_fd(const struct source *source)
{
	return source->kind->live->get_fd(source);
}

void source_set_waiting(struct source *source, bool waits)
{
	source->kind->live->set_waiting(source, waits);
}

void source_get_state(struct source *source, struct source_state *ret_state)
{
	source->kind->live->get_state(source, ret_state);
}

const char *source_get_notice(const struct source *source)
{
	return source->kind->live == NULL ? NULL : source->kind->live->get_notice(source);
}

uint64_t source_get_dropped(struct source *source)
{
	struct source_state state;
	if (source->kind->live == NULL)
		return 0;
	source_get_state(source, &state);
	return state.dropped + state.refused + state.passed;
}

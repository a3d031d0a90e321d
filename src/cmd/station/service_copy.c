/* service_copy.c - copies of the database, for `hinomi backup`. */
#include <errno.h>

#include "cmd/station/copying.h"
#include "cmd/station/paths.h"
#include "cmd/station/service_internal.h"

static const char *const state_names[] = {
    [COPYING_NONE] = "none",
    [COPYING_GOES_ON] = "going-on",
    [COPYING_DONE] = "done",
    [COPYING_FAILED] = "failed",
};

static void answer(const struct call *call)
{
	struct copying_progress progress;
	char name[COPYING_NAME_BYTES];
	char path[sizeof STATION_SPOOL + COPYING_NAME_BYTES];
	copying_get_progress(call->service->copying, &progress);
	copying_name(progress.number, name);
	(void)snprintf(path, sizeof path, STATION_SPOOL "/%s", name); /* fits by its size */
	json_open_object(call->json, NULL);
	json_string(call->json, "type", "copy");
	json_unsigned(call->json, "number", progress.number);
	json_string(call->json, "path", path);
	json_string(call->json, "state", state_names[progress.state]);
	json_signed(call->json, "left_bytes", progress.left_bytes);
	if (progress.why != NULL)
		json_string(call->json, "why", progress.why);
	json_close_object(call->json);
	fputc('\n', call->json->out);
}

static int look(const struct call *call)
{
	return call->service->copying != NULL
		   ? 0
		   : complain(call->complaint, -ENOTSUP,
			 "no copy can be made here, expected a station that runs");
}

int service_copy_begin(struct call *call)
{
	int result = look(call);
	if (result == 0)
		result = copying_begin(call->service->copying, call->complaint);
	if (result == 0)
		answer(call);
	return result;
}

int service_copy_state(struct call *call)
{
	int result = look(call);
	if (result == 0)
		answer(call);
	return result;
}

/* service_setting.c - what of the configuration is changed while the station runs (settings.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/station/config_show.h"
#include "cmd/station/service_internal.h"
#include "cmd/station/settings.h"

/* ---- What is answered ---- */

/* When it counts: at once (it does already), soon, or when the station is started. */
static const char *name_time(const struct call *call, bool is_in)
{
	if (call->service->on_settings == NULL)
		return "start";
	return is_in ? "now" : "soon";
}

static void write_setting(const struct call *call, const struct settings_plan *plan, bool is_in)
{
	static struct config_shown shown; /* large */
	struct json *json = call->json;
	(void)config_show(plan->config, plan->key, &shown); /* it is one */
	json_open_object(json, NULL);
	json_string(json, "key", shown.key);
	json_string(json, "value", shown.value);
	json_string(json, "before", plan->before);
	json_string(json, "from", shown.from);
	json_bool(json, "changed", !plan->is_same);
	json_string(json, "in_force", name_time(call, is_in));
	json_close_object(json);
	fputc('\n', json->out);
}

/* ---- What is done ---- */

/* The record goes first: what is changed without one was changed by nobody. */
static int put(
    const struct call *call, const struct station_dir *dir, const struct settings_plan *plan)
{
	const struct keeper_change change = {.put = NULL};
	int result = settings_stage(dir, plan, call->complaint);
	if (result != 0)
		return result;
	result = call_change(call, &change);
	if (result != 0) {
		settings_unstage(dir);
		return result;
	}
	result = settings_place(dir, call->complaint);
	call->audit->is_written = result == 0; /* else that it was not is recorded as well */
	return result;
}

static int change(
    const struct call *call, const struct station_dir *dir, const struct settings_plan *plan)
{
	const struct service *service = call->service;
	const bool is_in =
	    plan->is_same && service->config != NULL && settings_are_in(plan, service->config);
	int result = 0;
	(void)snprintf(call->audit->on, sizeof call->audit->on, "%s: %s -> %s%s",
	    call_text(call, "key", ""), plan->before, plan->after,
	    call_has_text(call, "value") ? "" : " (station.yaml)"); /* fits by its parts */
	if (plan->is_same)
		call->audit->is_written = true; /* nothing is done that could be recorded */
	else
		result = put(call, dir, plan);
	if (result != 0)
		return result;
	if (!is_in && service->on_settings != NULL)
		service->on_settings(service->context);
	write_setting(call, plan, is_in);
	return 0;
}

static int explain(const struct call *call, const struct settings_change *wanted, int result)
{
	switch (result) {
	case -ENOENT:
		return call_means(call, result, "setting.none", wanted->key);
	case -EPERM:
		return call_means(call, result, "setting.file", wanted->key);
	case -EINVAL:
		return call_means(call, result, "setting.value", wanted->value);
	default:
		return result;
	}
}

int service_setting_change(struct call *call)
{
	const struct service *service = call->service;
	const struct settings_change wanted = {.key = call_text(call, "key", ""),
	    .value = call_text(call, "value", NULL),
	    .language = service->config != NULL ? (enum language)service->config->station.language
						: service->language};
	struct station_dir dir = {.fd = -1};
	struct settings_plan plan;
	if (service->directory == NULL)
		return call_refuse(call, -EPERM, "setting.here", "settings cannot be changed here");
	int result = station_dir_open(service->directory, &dir, call->complaint);
	if (result != 0)
		return result;
	result = explain(call, &wanted, settings_plan(&dir, &wanted, &plan, call->complaint));
	if (result == 0) {
		result = change(call, &dir, &plan);
		settings_plan_release(&plan);
	}
	station_dir_close(&dir);
	return result;
}

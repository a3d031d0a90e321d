#include "notify/report.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "notify/headline.h"
#include "notify/wording_internal.h"
#include "notify/report_internal.h"

static const struct report_format formats[] = {
    {.name = "text", .write = report_write_text},
    {.name = "json", .write = report_write_json},
    {.name = "csv", .write = report_write_csv},
};

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	}
	return NULL;
}

const char *report_format_names(void)
{
	return "text, json, csv";
}

int report_finish(FILE *out)
{
	int flushed = fflush(out);
	return flushed != 0 || ferror(out) != 0 ? -EIO : 0;
}

const char *report_member(const struct report *report, const struct finding *finding)
{
	if (finding->member == MEMBER_NONE)
		return NULL;
	return registry_member_name(report->registry, finding->member);
}

bool report_has_members(const struct report *report)
{
	size_t members = registry_member_count(report->registry);
	return members > 1 || (members == 1 && !headline_is_local(report->registry, 0));
}

const char *report_protocol_name(const struct finding_port *port)
{
	if (port->neighbour)
		return port->protocol == 0 ? "arp" : "nd";
	if (port->bare)
		return NULL;
	switch (port->protocol) {
	case 1:
		return "icmp";
	case 6:
		return "tcp";
	case 17:
		return "udp";
	case 58:
		return "icmp6";
	default:
		return NULL;
	}
}

bool report_has_port(const struct finding_port *port)
{
	return !port->neighbour && !port->bare;
}

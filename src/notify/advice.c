#include "notify/advice.h"

#include <assert.h>

#include "notify/service.h"
#include "registry/registry.h"

/* How a machine that is sought with this service is usually built, and so what searches for it. */
static enum advice advice_for_service(enum service service)
{
	static const enum advice advices[SERVICE_COUNT] = {
	    [SERVICE_OTHER] = ADVICE_MACHINE,
	    [SERVICE_FTP] = ADVICE_LOGIN,
	    [SERVICE_SSH] = ADVICE_LOGIN,
	    [SERVICE_TELNET] = ADVICE_DEVICE,
	    [SERVICE_MAIL] = ADVICE_MACHINE,
	    [SERVICE_DNS] = ADVICE_MACHINE,
	    [SERVICE_WEB] = ADVICE_MACHINE,
	    [SERVICE_NTP] = ADVICE_MACHINE,
	    [SERVICE_WINDOWS_SHARE] = ADVICE_WINDOWS,
	    [SERVICE_WINDOWS_NAME] = ADVICE_LOOKING,
	    [SERVICE_WINDOWS_REMOTE] = ADVICE_WINDOWS,
	    [SERVICE_REMOTE_DESKTOP] = ADVICE_REMOTE_DESKTOP,
	    [SERVICE_REMOTE_SCREEN] = ADVICE_REMOTE_DESKTOP,
	    [SERVICE_SNMP] = ADVICE_MONITORING,
	    [SERVICE_SYSLOG] = ADVICE_MONITORING,
	    [SERVICE_PRINTER] = ADVICE_PRINTER,
	    [SERVICE_DATABASE] = ADVICE_DATABASE,
	    [SERVICE_DIRECTORY] = ADVICE_DATABASE,
	    [SERVICE_SSDP] = ADVICE_LOOKING,
	    [SERVICE_DISCOVERY] = ADVICE_LOOKING,
	    [SERVICE_TELEPHONY] = ADVICE_MACHINE,
	    [SERVICE_ANDROID] = ADVICE_DEVICE,
	    [SERVICE_ROUTER] = ADVICE_ROUTER,
	    [SERVICE_MEMCACHED] = ADVICE_DATABASE,
	    [SERVICE_INDUSTRY] = ADVICE_MACHINE,
	    [SERVICE_MQTT] = ADVICE_MACHINE,
	    [SERVICE_CONTAINER] = ADVICE_DATABASE,
	    [SERVICE_VPN] = ADVICE_MACHINE,
	    [SERVICE_DHCP] = ADVICE_LOOKING,
	    [SERVICE_PING] = ADVICE_MONITORING,
	};
	assert((unsigned)service < SERVICE_COUNT);
	return advices[service];
}

/*
 * The ports that lead decide; where they differ, the later in enum advice: what is harmless leads
 * only where all of it is, and a PC's steps lose less than a device's.
 */
static enum advice advice_for_ports(const struct finding *finding)
{
	struct service_lead lead = service_lead(finding);
	if (lead.shown == 0)
		return ADVICE_MACHINE;
	enum advice advice = advice_for_service(service_of(lead.ports[0]));
	for (size_t i = 1; i < lead.shown; i++) {
		enum advice one = advice_for_service(service_of(lead.ports[i]));
		if (one > advice)
			advice = one;
	}
	return advice;
}

/* By the setting that closes it; several services of one machine have none in common. */
static enum advice advice_for_reflector(const struct finding *finding)
{
	switch ((int)service_sought(finding)) {
	case SERVICE_DNS:
		return ADVICE_REFLECTOR_DNS;
	case SERVICE_NTP:
		return ADVICE_REFLECTOR_NTP;
	case SERVICE_MEMCACHED:
		return ADVICE_REFLECTOR_MEMCACHED;
	case SERVICE_SSDP:
	case SERVICE_DISCOVERY:
	case SERVICE_SNMP:
		return ADVICE_REFLECTOR_DEVICE;
	default:
		return ADVICE_REFLECTOR;
	}
}

static enum advice advice_for_search(const struct finding *finding)
{
	if (finding->spoof != SPOOF_UNLIKELY)
		return ADVICE_FORGED;
	if (finding->tool == TOOL_MIRAI)
		return ADVICE_DEVICE;
	if (finding->tool >= 0)
		return ADVICE_TOOL;
	switch (finding->shape) {
	case SHAPE_VERTICAL:
	case SHAPE_BLOCK:
	case SHAPE_PROTOCOL:
		return ADVICE_PROBE;
	case SHAPE_NONE:
	case SHAPE_HORIZONTAL:
	case SHAPE_COUNT:
		break;
	}
	return advice_for_ports(finding);
}

bool advice_has_reason(const struct finding *finding, enum reason reason)
{
	for (size_t i = 0; i < finding->reason_count; i++) {
		if (finding->reasons[i].reason == reason)
			return true;
	}
	return false;
}

enum advice advice_for(const struct finding *finding)
{
	if (finding->member == MEMBER_NONE)
		return ADVICE_STRANGER;
	switch (finding->rule) {
	case RULE_SCAN_SWEEP:
		return ADVICE_SWEEP;
	case RULE_DDOS_VICTIM:
		return ADVICE_VICTIM;
	case RULE_DDOS_INCOMING:
		return advice_has_reason(finding, REASON_FLOOD_REPLIES) ? ADVICE_REFLECTED
									: ADVICE_FLOODED;
	case RULE_DDOS_REFLECTOR:
		return advice_for_reflector(finding);
	case RULE_CONFIG_STRAY:
		return ADVICE_STRAY;
	case RULE_SPOOF_MEMBER:
		return ADVICE_FORGED_MEMBER;
	case RULE_SCAN_DARK:
	case RULE_SCAN_LIVE:
	case RULE_COUNT:
		break;
	}
	return advice_for_search(finding);
}

#include "notify/advice.h"

#include "notify/service.h"
#include "registry/registry.h"

/* How a machine that is sought with this service is usually built, and so what searches for it. */
static enum advice advice_for_service(enum service service)
{
	switch (service) {
	case SERVICE_WINDOWS_SHARE:
	case SERVICE_WINDOWS_REMOTE:
	case SERVICE_REMOTE_DESKTOP:
		return ADVICE_WINDOWS;
	case SERVICE_TELNET:
	case SERVICE_ANDROID:
	case SERVICE_ROUTER:
		return ADVICE_DEVICE;
	case SERVICE_OTHER:
	case SERVICE_FTP:
	case SERVICE_SSH:
	case SERVICE_MAIL:
	case SERVICE_DNS:
	case SERVICE_WEB:
	case SERVICE_NTP:
	case SERVICE_REMOTE_SCREEN:
	case SERVICE_SNMP:
	case SERVICE_SYSLOG:
	case SERVICE_PRINTER:
	case SERVICE_DATABASE:
	case SERVICE_DIRECTORY:
	case SERVICE_SSDP:
	case SERVICE_DISCOVERY:
	case SERVICE_TELEPHONY:
	case SERVICE_MEMCACHED:
	case SERVICE_INDUSTRY:
	case SERVICE_MQTT:
	case SERVICE_CONTAINER:
	case SERVICE_VPN:
	case SERVICE_DHCP:
	case SERVICE_PING:
	case SERVICE_COUNT:
		break;
	}
	return ADVICE_MACHINE;
}

/* The ports that lead decide; where they differ, a PC's steps lose less than a device's. */
static enum advice advice_for_ports(const struct finding *finding)
{
	enum advice advice = ADVICE_MACHINE;
	struct service_lead lead = service_lead(finding);
	for (size_t i = 0; i < lead.shown; i++) {
		enum advice one = advice_for_service(service_of(lead.ports[i]));
		if (one == ADVICE_WINDOWS || (one == ADVICE_DEVICE && advice == ADVICE_MACHINE))
			advice = one;
	}
	return advice;
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
		return ADVICE_REFLECTOR;
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

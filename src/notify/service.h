/*
 * service.h - which service a port usually belongs to, and how ports are written for people.
 */
#ifndef NOTIFY_SERVICE_H
#define NOTIFY_SERVICE_H

#include "detect/finding.h"
#include "notify/text.h"
#include "notify/wording.h"

enum service {
	SERVICE_OTHER,
	SERVICE_FTP,
	SERVICE_SSH,
	SERVICE_TELNET,
	SERVICE_MAIL,
	SERVICE_DNS,
	SERVICE_WEB,
	SERVICE_NTP,
	SERVICE_WINDOWS_SHARE,
	SERVICE_WINDOWS_NAME,
	SERVICE_WINDOWS_REMOTE,
	SERVICE_REMOTE_DESKTOP,
	SERVICE_REMOTE_SCREEN,
	SERVICE_SNMP,
	SERVICE_SYSLOG,
	SERVICE_PRINTER,
	SERVICE_DATABASE,
	SERVICE_DIRECTORY,
	SERVICE_SSDP,
	SERVICE_DISCOVERY,
	SERVICE_TELEPHONY,
	SERVICE_ANDROID,
	SERVICE_ROUTER,
	SERVICE_MEMCACHED,
	SERVICE_INDUSTRY,
	SERVICE_MQTT,
	SERVICE_CONTAINER,
	SERVICE_VPN,
	SERVICE_DHCP,
	SERVICE_PING,
	SERVICE_COUNT,
};

enum {
	SERVICE_PORTS_SHOWN = 3,   /* in a sentence; more would bury it */
	SERVICE_PORT_BYTES = 192,  /* the longest name of a port in any language, and air */
	SERVICE_PORTS_BYTES = 512, /* those shown, joined */
};

/*
 * The ports that the sentences are about: those searched, where the finding tells which, since the
 * others are the machine's ordinary business.
 */
struct service_lead {
	const struct finding_port *ports[SERVICE_PORTS_SHOWN]; /* of the finding */
	size_t shown;
	uint64_t total; /* so many searched ports are known */
};

struct service_lead service_lead(const struct finding *finding);

enum service service_of(const struct finding_port *port);
/* The one service of the ports that lead, or SERVICE_OTHER where they differ. */
enum service service_sought(const struct finding *finding);

/* "TCP 445"; with `named` "TCP 445 (Windows file sharing, SMB)" where the service is known. */
void service_add_port(
    struct text *text, enum language language, const struct finding_port *port, bool named);
/* "TCP 23, 2323, 8080 and 4 more". */
void service_add_ports(struct text *text, enum language language, const struct finding *finding);

/* How many ports there are in all, protocols without ports counted as well. */
uint64_t service_port_total(const struct finding *finding);

#endif

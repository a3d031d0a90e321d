#include "observe/udp_services.h"

#include <stddef.h>

bool udp_service_is_amplifier(uint16_t port)
{
	static const uint16_t ports[] = {
	    17,    /* QOTD */
	    19,    /* CharGEN */
	    53,    /* DNS */
	    69,    /* TFTP */
	    111,   /* portmapper */
	    123,   /* NTP */
	    137,   /* NetBIOS name service */
	    161,   /* SNMP */
	    389,   /* CLDAP */
	    427,   /* SLP */
	    500,   /* ISAKMP */
	    520,   /* RIPv1 */
	    623,   /* IPMI */
	    1434,  /* SQL Server browser */
	    1604,  /* Citrix ICA browser */
	    1900,  /* SSDP */
	    3283,  /* Apple Remote Desktop */
	    3389,  /* RDP over UDP */
	    3478,  /* STUN */
	    3702,  /* WS-Discovery */
	    4500,  /* IKE NAT traversal */
	    5060,  /* SIP */
	    5093,  /* Sentinel RMS */
	    5351,  /* NAT-PMP */
	    5353,  /* mDNS */
	    5683,  /* CoAP */
	    10001, /* Ubiquiti discovery */
	    11211, /* memcached */
	    27015, /* Steam servers */
	    27960, /* Quake 3 servers */
	    32414, /* Plex discovery */
	    37810, /* DVR DHCPDiscover */
	    47808, /* BACnet */
	};
	for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
		if (ports[i] == port)
			return true;
	return false;
}

#include "observe/udp_services.h"

bool udp_service_is_amplifier(uint16_t port)
{
	switch (port) {
	case 17:    /* QOTD */
	case 19:    /* CharGEN */
	case 53:    /* DNS */
	case 69:    /* TFTP */
	case 111:   /* portmapper */
	case 123:   /* NTP */
	case 137:   /* NetBIOS name service */
	case 161:   /* SNMP */
	case 389:   /* CLDAP */
	case 427:   /* SLP */
	case 500:   /* ISAKMP */
	case 520:   /* RIPv1 */
	case 623:   /* IPMI */
	case 1434:  /* SQL Server browser */
	case 1604:  /* Citrix ICA browser */
	case 1900:  /* SSDP */
	case 3283:  /* Apple Remote Desktop */
	case 3389:  /* RDP over UDP */
	case 3478:  /* STUN */
	case 3702:  /* WS-Discovery */
	case 4500:  /* IKE NAT traversal */
	case 5060:  /* SIP */
	case 5093:  /* Sentinel RMS */
	case 5351:  /* NAT-PMP */
	case 5353:  /* mDNS */
	case 5683:  /* CoAP */
	case 10001: /* Ubiquiti discovery */
	case 11211: /* memcached */
	case 27015: /* Steam servers */
	case 27960: /* Quake 3 servers */
	case 32414: /* Plex discovery */
	case 37810: /* DVR DHCPDiscover */
	case 47808: /* BACnet */
		return true;
	default:
		return false;
	}
}

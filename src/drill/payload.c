#include "drill/payload.h"

#include <assert.h>
#include <string.h>

#include "drill/stage.h"

enum {
	DNS_HEADER_BYTES = 12,
	DNS_HEAD_BYTES = 96, /* header, question, address record, head of a second record */
	DNS_RECORD_BYTES = 12,
	DNS_NULL = 10, /* RFC 1035 section 3.3.10: anything at all */
};

/* BER, RFC 3416: get sysDescr with the community everybody tries. */
static const uint8_t snmp[] = {0x30, 0x26, 0x02, 0x01, 0x01, 0x04, 0x06, 'p', 'u', 'b', 'l', 'i',
    'c', 0xa0, 0x19, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0e, 0x30, 0x0c,
    0x06, 0x08, 0x2b, 6, 1, 2, 1, 1, 1, 0, 0x05, 0x00};

/* A search for any object, the question that LDAP servers answer at length. */
static const uint8_t cldap[] = {0x30, 0x25, 0x02, 0x01, 0x01, 0x63, 0x20, 0x04, 0x00, 0x0a, 0x01,
    0x00, 0x0a, 0x01, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x01, 0x01, 0x00, 0x87, 0x0b, 'o',
    'b', 'j', 'e', 'c', 't', 'C', 'l', 'a', 's', 's', 0x30, 0x00};

/* RFC 1002: the status of whoever hears; the wildcard name in half-bytes. */
static const uint8_t netbios[] = {0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x20, 'C', 'K', 'A',
    'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A',
    'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 0, 0, 0x21, 0, 1};

static const uint8_t coap[] = {0x40, 0x01, 0x01, 0xce, 0xbb, '.', 'w', 'e', 'l', 'l', '-', 'k', 'n',
    'o', 'w', 'n', 0x04, 'c', 'o', 'r', 'e'};

static const uint8_t bacnet[] = {
    0x81, 0x0b, 0x00, 0x0c, 0x01, 0x20, 0xff, 0xff, 0x00, 0xff, 0x10, 0x08};

/* A header without payloads: cookie, version 1.0, main mode, its length. */
static const uint8_t isakmp[28] = {1, 2, 3, 4, 5, 6, 7, 8, [17] = 0x10, [18] = 2, [27] = 28};

static const uint8_t ntp[48] = {0x23};

static const char ssdp[] = "M-SEARCH * HTTP/1.1\r\nHost:239.255.255.250:1900\r\n"
			   "ST:ssdp:all\r\nMan:\"ssdp:discover\"\r\nMX:3\r\n\r\n";

static const char sip[] = "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\n"
			  "From: <sip:100@192.0.2.1>\r\nContent-Length: 0\r\n\r\n";

static const char memcached[] = "\0\0\0\0\0\1\0\0stats\r\n";

static const char tftp[] = "\0\1startup-config\0octet";

static const struct {
	uint16_t port;
	uint16_t count;
	const void *bytes;
} requests[] = {
    {69, sizeof tftp, tftp},
    {123, sizeof ntp, ntp},
    {137, sizeof netbios, netbios},
    {161, sizeof snmp, snmp},
    {389, sizeof cldap, cldap},
    {500, sizeof isakmp, isakmp},
    {1900, sizeof ssdp - 1, ssdp},
    {5060, sizeof sip - 1, sip},
    {5683, sizeof coap, coap},
    {11211, sizeof memcached - 1, memcached},
    {47808, sizeof bacnet, bacnet},
};

void payload_set(struct packet *packet, const void *bytes, size_t count)
{
	assert(count <= PACKET_HEAD_MAX);
	memcpy(packet->head, bytes, count);
	packet->head_bytes = (uint16_t)count;
	if (packet->payload_bytes < count)
		packet->payload_bytes = (uint16_t)count;
}

/* Name, type A, class IN: h and eight letters under a domain that nobody owns (RFC 6761). */
static size_t put_question(uint8_t *out, uint64_t name)
{
	static const uint8_t end[] = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};
	uint64_t letters = stage_mix(name);
	out[0] = 9;
	out[1] = 'h';
	for (int i = 0; i < 8; i++)
		out[2 + i] = (uint8_t)('a' + (letters >> (8 * i) & 0xffU) % 26);
	memcpy(out + 10, end, sizeof end);
	return 10 + sizeof end;
}

void payload_set_dns_question(struct packet *packet, uint16_t id, uint64_t name)
{
	uint8_t head[DNS_HEAD_BYTES] = {(uint8_t)(id >> 8), (uint8_t)id, 0x01, 0x00, 0, 1};
	payload_set(packet, head, DNS_HEADER_BYTES + put_question(head + DNS_HEADER_BYTES, name));
}

/* The head of a record of the name asked for, living 300 s. */
static size_t put_record(uint8_t *out, uint8_t type, size_t bytes)
{
	const uint8_t record[DNS_RECORD_BYTES] = {0xc0, DNS_HEADER_BYTES, 0, type, 0, 1, 0, 0, 1,
	    0x2c, (uint8_t)(bytes >> 8), (uint8_t)bytes};
	memcpy(out, record, sizeof record);
	return sizeof record;
}

void payload_set_dns_answer(struct packet *packet, uint16_t id, uint64_t name, uint16_t bytes)
{
	uint8_t head[DNS_HEAD_BYTES] = {(uint8_t)(id >> 8), (uint8_t)id, 0x81, 0x80, 0, 1, 0, 1};
	size_t used = DNS_HEADER_BYTES + put_question(head + DNS_HEADER_BYTES, name);
	used += put_record(head + used, 1, 4);
	uint64_t address = stage_mix(name + 1);
	for (int i = 0; i < 4; i++)
		head[used++] = (uint8_t)(address >> (8 * i));
	packet->payload_bytes = 0;
	if (bytes > used + DNS_RECORD_BYTES) {
		head[7] = 2; /* records */
		used += put_record(head + used, DNS_NULL, bytes - used - DNS_RECORD_BYTES);
		packet->payload_bytes = bytes;
	}
	payload_set(packet, head, used);
}

void payload_set_request(struct packet *packet, uint64_t chance)
{
	if (packet->target_port == 53) {
		payload_set_dns_question(packet, (uint16_t)chance, chance >> 16);
		return;
	}
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		if (requests[i].port == packet->target_port) {
			payload_set(packet, requests[i].bytes, requests[i].count);
			return;
		}
	}
	packet->payload_bytes = (uint16_t)(8 + chance % 60);
}

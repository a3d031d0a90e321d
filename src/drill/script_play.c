/* script_play.c - from a statement to its i-th packet. */
#include <string.h>

#include "decode/decode.h"
#include "drill/script_statement.h"
#include "drill/talk.h"

enum {
	TTL_DEFAULT = 64,
	WINDOW_DEFAULT = 64240,
	ROUND_TRIP_US = 1000,
	REQUEST_BYTES = 300,
	RESPONSE_BYTES = 1000,
	MARKER_V6 = 6,
	ZMAP_ID = 54321,
};

/* A MAC that belongs to the address, so that one address is one machine. */
static void set_mac(uint8_t mac[static MAC_BYTES], const struct address *address)
{
	if (mac_of_group(address, mac))
		return;
	mac[0] = 0x02;
	mac[1] = address_is_v4(address) ? 0 : MARKER_V6;
	memcpy(mac + 2, address->bytes + 12, 4);
}

static bool is_given(const struct script_statement *s, enum script_field field)
{
	return s->fields[field].is_given;
}

static uint64_t value_of(struct stage *stage, const struct script_statement *s,
    enum script_field field, uint64_t otherwise)
{
	return is_given(s, field) ? script_number_at(&s->fields[field], s->i, stage) : otherwise;
}

/* What a tool's packet has unless the script says otherwise. */
static void apply_mark(struct stage *stage, const struct script_statement *s, struct packet *packet)
{
	static const uint16_t windows[] = {
	    [SCRIPT_MARK_ZMAP] = 65535,
	    [SCRIPT_MARK_ZMAP41] = 65535,
	    [SCRIPT_MARK_MASSCAN] = 1024,
	    [SCRIPT_MARK_NMAP] = 1024,
	    [SCRIPT_MARK_UNICORNSCAN] = 5840,
	};
	uint32_t target = address_low32(&packet->target);
	uint32_t ports = ((uint32_t)packet->target_port << 16) + packet->source_port;
	uint64_t proof = stage_mix(s->key ^ ((uint64_t)target << 16 | packet->target_port));
	uint32_t half = (uint32_t)stage_below(stage, 65536);

	if (s->mark != SCRIPT_MARK_MIRAI)
		packet->window = windows[s->mark];
	packet->seq = (uint32_t)proof;
	switch (s->mark) {
	case SCRIPT_MARK_MIRAI:
		packet->seq = target;
		break;
	case SCRIPT_MARK_ZMAP:
		packet->ip_id = ZMAP_ID;
		packet->ttl = 255;
		break;
	case SCRIPT_MARK_ZMAP41:
		packet->ip_id = (uint16_t)(proof >> 32);
		packet->options = PACKET_OPTIONS_WINDOWS;
		break;
	case SCRIPT_MARK_MASSCAN:
		packet->ttl = 255;
		packet->options = PACKET_OPTIONS_MSS;
		break;
	case SCRIPT_MARK_NMAP:
		packet->seq = (uint32_t)s->key ^ (half << 16 | half);
		packet->options = PACKET_OPTIONS_MSS;
		break;
	default:
		packet->seq = (uint32_t)s->key ^ target ^ ports;
		packet->options = PACKET_OPTIONS_MSS;
		break;
	}
	if (s->has_options)
		packet->options = s->packet.options;
}

static void apply_fields(
    struct stage *stage, const struct script_statement *s, struct packet *packet)
{
	packet->ttl = (uint8_t)value_of(stage, s, SCRIPT_TTL, packet->ttl);
	packet->seq = (uint32_t)value_of(stage, s, SCRIPT_SEQ, packet->seq);
	packet->ack = (uint32_t)value_of(stage, s, SCRIPT_ACK, packet->ack);
	packet->window = (uint16_t)value_of(stage, s, SCRIPT_WINDOW, packet->window);
	packet->tsval = (uint32_t)value_of(stage, s, SCRIPT_TSVAL, packet->tsval);
	packet->icmp_id = (uint16_t)value_of(stage, s, SCRIPT_ECHO_ID, packet->icmp_id);
	packet->icmp_seq = (uint16_t)value_of(stage, s, SCRIPT_ECHO_SEQ, packet->icmp_seq);
	packet->icmp_code = (uint8_t)value_of(stage, s, SCRIPT_CODE, packet->icmp_code);
	packet->protocol = (uint8_t)value_of(stage, s, SCRIPT_PROTOCOL, packet->protocol);
	uint64_t length = value_of(stage, s, SCRIPT_LENGTH, packet->payload_bytes);
	packet->payload_bytes =
	    (uint16_t)(length > PACKET_PAYLOAD_MAX ? PACKET_PAYLOAD_MAX : length);
	if (s->mark == SCRIPT_MARK_MASSCAN)
		packet->ip_id =
		    (uint16_t)(address_low32(&packet->target) ^ packet->target_port ^ packet->seq);
	packet->ip_id = (uint16_t)value_of(stage, s, SCRIPT_IP_ID, packet->ip_id);
}

static uint16_t port_at(
    struct stage *stage, const struct script_place *place, const struct script_statement *s)
{
	return (uint16_t)script_number_at(&place->port, s->i, stage);
}

static void apply_quote(
    struct stage *stage, const struct script_statement *s, struct packet *packet)
{
	struct packet_quote *quote = &packet->quote;
	quote->source = script_place_at(&s->inner_source, s->i, stage);
	quote->target = script_place_at(&s->inner_target, s->i, stage);
	quote->source_port = port_at(stage, &s->inner_source, s);
	quote->target_port = port_at(stage, &s->inner_target, s);
	quote->ttl = 1;
}

static void play_packet(struct stage *stage, const struct script_statement *s)
{
	struct packet *packet = stage_send(stage);
	memcpy(packet, &s->packet, offsetof(struct packet, head) + s->packet.head_bytes);
	if (packet->kind == PACKET_RAW)
		return;
	packet->source = script_place_at(&s->source, s->i, stage);
	packet->target = script_place_at(&s->target, s->i, stage);
	packet->source_port = port_at(stage, &s->source, s);
	packet->target_port = port_at(stage, &s->target, s);
	/* Who asks whether an address is free has none yet, but will have that one. */
	bool is_probe = address_is_unspecified(&packet->source);
	if (!s->has_source_mac)
		set_mac(packet->source_mac, is_probe ? &packet->target : &packet->source);
	if (!s->has_target_mac)
		set_mac(packet->target_mac, &packet->target);
	if (packet->kind == PACKET_ARP_REQUEST && !s->has_target_mac)
		memset(packet->target_mac, 0xff, MAC_BYTES);
	if (packet->kind == PACKET_ROUTER_ADVERT)
		memcpy(packet->quote.source.bytes, packet->source.bytes, 8);
	packet->ttl = TTL_DEFAULT;
	packet->window = WINDOW_DEFAULT;
	packet->ip_id = (uint16_t)random_u64(&stage->random);
	packet->seq = (uint32_t)random_u64(&stage->random);
	if ((packet->tcp_flags & FACTS_ACK) != 0)
		packet->ack = (uint32_t)random_u64(&stage->random);
	if (s->mark != SCRIPT_MARK_NONE)
		apply_mark(stage, s, packet);
	apply_fields(stage, s, packet);
	if (packet->kind == PACKET_ICMP_ERROR)
		apply_quote(stage, s, packet);
}

static struct host host_at(
    struct stage *stage, const struct script_statement *s, const struct script_place *place)
{
	struct address address = script_place_at(place, s->i, stage);
	struct host host = {
	    .v4 = address,
	    .v6 = address,
	    .ttl = (uint8_t)value_of(stage, s, SCRIPT_TTL, TTL_DEFAULT),
	    .options = s->has_options ? s->packet.options : (uint8_t)PACKET_OPTIONS_MSS,
	};
	set_mac(host.mac, &address);
	return host;
}

static void play_connection(struct stage *stage, const struct script_statement *s)
{
	struct host client = host_at(stage, s, &s->source);
	struct host server = host_at(stage, s, &s->target);
	if (s->has_source_mac)
		memcpy(client.mac, s->packet.source_mac, MAC_BYTES);
	if (s->has_target_mac)
		memcpy(server.mac, s->packet.target_mac, MAC_BYTES);
	bool is_session = s->form == SCRIPT_SESSION;
	uint16_t client_port = port_at(stage, &s->source, s);
	uint16_t server_port = port_at(stage, &s->target, s);
	struct talk talk = {
	    .client = &client,
	    .server = &server,
	    .client_port = client_port,
	    .server_port = server_port,
	    .round_trip_us = ROUND_TRIP_US,
	    .up_bytes = is_session ? REQUEST_BYTES : 0,
	    .down_bytes = is_session ? RESPONSE_BYTES : 0,
	    .end = is_session ? TALK_END_FIN : TALK_END_OPEN,
	};
	talk_tcp(stage, stage->now_us, &talk);
}

int64_t script_play(struct stage *stage, struct actor *actor)
{
	struct script_statement *statement = (struct script_statement *)actor;
	if (statement->form == SCRIPT_PACKET)
		play_packet(stage, statement);
	else
		play_connection(stage, statement);
	statement->i++;
	return statement->i == statement->count ? STAGE_NEVER : stage->now_us + statement->gap_us;
}

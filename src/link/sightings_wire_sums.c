/*
 * sightings_wire_sums.c - sums of what found no room, and of all that a sensor read, to and from
 * messages.
 */
#include "link/sightings_wire.h"

#include <string.h>

enum {
	V4_BYTES = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	TOOLS_ALL = (1 << TOOL_COUNT) - 1,
};

/* A prefix of IPv4 counts its bits from the start of the 4 bytes in messages, of the 16 here. */
static bool is_v4(const struct sum_key *key)
{
	return key->bits >= ADDRESS_V4_BITS && address_is_v4(&key->address);
}

size_t sightings_pack_sum(const struct sum *sum, uint8_t *out)
{
	uint8_t prefix[ADDRESS_BYTES];
	Hinomi__Sum message;
	Hinomi__Sum *messages[] = {&message};
	Hinomi__Batch batch;
	hinomi__sum__init(&message);
	hinomi__batch__init(&batch);
	batch.sums = messages;
	batch.n_sums = 1;

	const struct sum_key *key = &sum->key;
	const struct sightings_names names = {key->kind, key->variant};
	int64_t last_us;
	if (!sightings_pack_names(&names, &message.kind, &message.variant) ||
	    sum->first_us > sum->last_us ||
	    !sightings_pack_time(sum->first_us, 0, &message.first_us) ||
	    !sightings_pack_time(sum->last_us, 0, &last_us))
		return 0;
	memcpy(prefix, key->address.bytes, ADDRESS_BYTES);
	message.prefix.data = is_v4(key) ? prefix + ADDRESS_BYTES - V4_BYTES : prefix;
	message.prefix.len = is_v4(key) ? V4_BYTES : ADDRESS_BYTES;
	message.bits = is_v4(key) ? key->bits - (uint32_t)ADDRESS_V4_BITS : key->bits;
	message.protocol = key->protocol;
	message.port = key->port;
	message.drill = key->drill != 0;
	message.packets = sum->packets;
	message.bytes = sum->bytes;
	message.sources = sum->sources;
	message.span_us = (uint64_t)(last_us - message.first_us);
	message.tools = sum->tools & TOOLS_ALL;
	return sightings_pack_batch(&batch, out);
}

static bool has_bits_past(const struct address *address, uint32_t bits)
{
	uint8_t past = 0;
	for (uint32_t i = 0; i < ADDRESS_BYTES; i++) {
		uint32_t kept = bits > 8 * i ? bits - 8 * i : 0;
		past |= (uint8_t)(address->bytes[i] & (kept >= 8 ? 0 : 0xff >> kept));
	}
	return past != 0;
}

static const char *unpack_prefix(const Hinomi__Sum *message, struct sum_key *key)
{
	static const char none[] = "a prefix that is none";
	bool v4 = message->prefix.len == V4_BYTES;
	uint32_t before = v4 ? ADDRESS_V4_BITS : 0;
	if (!v4 && message->prefix.len != ADDRESS_BYTES)
		return none;
	if (v4)
		key->address = address_from_v4(message->prefix.data);
	else
		memcpy(key->address.bytes, message->prefix.data, ADDRESS_BYTES);
	if (message->bits > ADDRESS_BITS - before)
		return none;
	key->bits = (uint8_t)(message->bits + before);
	if ((!v4 && is_v4(key)) || has_bits_past(&key->address, key->bits))
		return none;
	return NULL;
}

const char *sightings_unpack_sum(const Hinomi__Sum *message, struct sum *ret_sum)
{
	struct sum sum = {.packets = message->packets,
	    .bytes = message->bytes,
	    .sources = message->sources,
	    .tools = message->tools};
	struct sightings_names names;
	const char *wrong = sightings_unpack_names(message->kind, message->variant, &names);
	if (wrong == NULL)
		wrong = unpack_prefix(message, &sum.key);
	if (wrong != NULL)
		return wrong;
	if (message->port > UINT16_MAX)
		return "a port above 65535";
	if (message->protocol > UINT8_MAX)
		return "a protocol above 255";
	if (message->sources == 0 || message->packets < message->sources)
		return "fewer packets than sources, or no source";
	if ((message->tools & ~(uint32_t)TOOLS_ALL) != 0)
		return "an unknown tool";
	if (!sightings_unpack_time(message->first_us, 0, &sum.first_us) ||
	    !sightings_unpack_end(sum.first_us, message->span_us, &sum.last_us))
		return "a time outside the years 0001 to 9999";
	sum.key.kind = names.kind;
	sum.key.variant = names.variant;
	sum.key.protocol = (uint8_t)message->protocol;
	sum.key.port = (uint16_t)message->port;
	sum.key.drill = message->drill != 0;
	*ret_sum = sum;
	return NULL;
}

static void pack_strangers(
    const struct strangers *strangers, struct sightings_reading_scratch *scratch)
{
	Hinomi__Strangers *message = &scratch->strangers;
	hinomi__strangers__init(message);
	message->packets = strangers->packets;
	message->kept = strangers->kept;
	message->folded = strangers->folded;
	message->refused = strangers->refused;
	message->ports = scratch->port_list;
	message->n_ports = strangers->port_count;
	for (size_t i = 0; i < strangers->port_count; i++) {
		Hinomi__StrangersPort *port = &scratch->ports[i];
		hinomi__strangers_port__init(port);
		port->protocol = strangers->ports[i].protocol;
		port->port = strangers->ports[i].port;
		port->packets = strangers->ports[i].packets;
		port->sources = strangers->ports[i].sources;
		scratch->port_list[i] = port;
	}
}

bool sightings_pack_reading(
    const struct sightings_reading *reading, struct sightings_reading_scratch *scratch)
{
	Hinomi__Reading *message = &scratch->message;
	hinomi__reading__init(message);
	pack_strangers(&reading->strangers, scratch);
	message->strangers = &scratch->strangers;
	message->packets = reading->packets;
	message->bytes = reading->bytes;
	message->filtered = reading->filtered;
	message->decoded = reading->decoded;
	message->truncated = reading->truncated;
	message->malformed = reading->malformed;
	message->unsupported = reading->unsupported;
	message->has_times = reading->first_us <= reading->last_us;
	message->hosts = reading->hosts;
	message->dropped = reading->dropped;
	message->evicted = reading->evicted;
	message->forged_sources = reading->forged_sources;
	message->clock_steps = reading->clock_steps;
	message->inner_mismatch = reading->inner_mismatch;
	message->unsupported_links = reading->unsupported_links;
	message->unsupported_link_type = reading->unsupported_link_type;
	return !message->has_times ||
	       (sightings_pack_time(reading->first_us, 0, &message->first_us) &&
		   sightings_pack_time(reading->last_us, 0, &message->last_us));
}

static const char *unpack_strangers(const Hinomi__Strangers *message, struct strangers *strangers)
{
	if (message->n_ports > STRANGERS_PORTS)
		return "more than 10 ports of strangers";
	for (size_t i = 0; i < message->n_ports; i++) {
		const Hinomi__StrangersPort *port = message->ports[i];
		if (port->port > UINT16_MAX ||
		    (port->protocol != PROTOCOL_TCP && port->protocol != PROTOCOL_UDP))
			return "a port of strangers that is none";
		for (size_t j = 0; j < i; j++)
			if (message->ports[j]->port == port->port &&
			    message->ports[j]->protocol == port->protocol)
				return "a port of strangers twice";
		strangers->ports[i] = (struct strangers_port){
		    .packets = port->packets,
		    .sources = port->sources,
		    .port = (uint16_t)port->port,
		    .protocol = (uint8_t)port->protocol,
		};
	}
	strangers->port_count = message->n_ports;
	strangers->packets = message->packets;
	strangers->kept = message->kept;
	strangers->folded = message->folded;
	strangers->refused = message->refused;
	return NULL;
}

const char *sightings_unpack_reading(
    const Hinomi__Reading *message, struct sightings_reading *ret_reading)
{
	struct sightings_reading reading;
	sightings_reading_init(&reading);
	if (message->has_times &&
	    (!sightings_unpack_time(message->first_us, 0, &reading.first_us) ||
		!sightings_unpack_time(message->last_us, 0, &reading.last_us)))
		return "a time outside the years 0001 to 9999";
	if (message->has_times && reading.first_us > reading.last_us)
		return "an end before its beginning";
	reading.packets = message->packets;
	reading.bytes = message->bytes;
	reading.filtered = message->filtered;
	reading.decoded = message->decoded;
	reading.truncated = message->truncated;
	reading.malformed = message->malformed;
	reading.unsupported = message->unsupported;
	reading.hosts = message->hosts;
	reading.dropped = message->dropped;
	reading.evicted = message->evicted;
	reading.forged_sources = message->forged_sources;
	reading.clock_steps = message->clock_steps;
	reading.inner_mismatch = message->inner_mismatch;
	reading.unsupported_links = message->unsupported_links;
	reading.unsupported_link_type = message->unsupported_link_type;
	const char *wrong = NULL;
	if (message->strangers != NULL)
		wrong = unpack_strangers(message->strangers, &reading.strangers);
	if (wrong == NULL)
		*ret_reading = reading;
	return wrong;
}

#include "link/sightings_wire.h"

#include <assert.h>
#include <string.h>

enum {
	MAC_BYTES = 6,
	PROTOCOL_ND = 58,
	SEEN_ALL = SEEN_HANDSHAKE | SEEN_TWO_WAY,
	HOST_ALL = HOST_SENT | HOST_HELD | HOST_ANSWERED | HOST_HANDSHAKE | HOST_IMPLIED |
		   HOST_ROUTER | HOST_DHCP_SERVER | HOST_MISSING,
};

static_assert(SEEN_HANDSHAKE == 1 && SEEN_TWO_WAY == 2 && HOST_SENT == 1 && HOST_HELD == 2 &&
		  HOST_ANSWERED == 4 && HOST_HANDSHAKE == 8 && HOST_IMPLIED == 16 &&
		  HOST_ROUTER == 32 && HOST_DHCP_SERVER == 64 && HOST_MISSING == 128 &&
		  TOOL_MIRAI == 0 && TOOL_UNICORNSCAN == 4 && TOOL_COUNT == 5,
    "flags and tools are numbered as in sightings.proto");

/* Kinds and variants have numbers of their own in files, so that ours may change. */
static const struct {
	Hinomi__Kind kind;
	enum sighting_kind own;
} kinds[] = {
    {HINOMI__KIND__REQUEST, SIGHTING_REQUEST},
    {HINOMI__KIND__REPLY, SIGHTING_REPLY},
    {HINOMI__KIND__NEIGHBOUR, SIGHTING_NEIGHBOUR},
    {HINOMI__KIND__PROBE, SIGHTING_PROBE},
    {HINOMI__KIND__EXCHANGE, SIGHTING_EXCHANGE},
    {HINOMI__KIND__FLOODED, SIGHTING_FLOODED},
    {HINOMI__KIND__REFLECTED, SIGHTING_REFLECTED},
};

static const struct {
	Hinomi__Variant variant;
	enum sighting_variant own;
} variants[] = {
    {HINOMI__VARIANT__NO_VARIANT, VARIANT_NONE},
    {HINOMI__VARIANT__NULL_FLAGS, VARIANT_NULL},
    {HINOMI__VARIANT__FIN, VARIANT_FIN},
    {HINOMI__VARIANT__XMAS, VARIANT_XMAS},
    {HINOMI__VARIANT__ACK, VARIANT_ACK},
    {HINOMI__VARIANT__OTHER_FLAGS, VARIANT_FLAGS},
    {HINOMI__VARIANT__IP_PROTOCOL, VARIANT_PROTOCOL},
};

enum {
	KIND_COUNT = sizeof kinds / sizeof kinds[0],
	VARIANT_ROWS = sizeof variants / sizeof variants[0],
};

static_assert((int)VARIANT_ROWS == (int)VARIANT_COUNT, "every variant has a row");

bool sightings_pack_names(
    const struct sightings_names *names, Hinomi__Kind *ret_kind, Hinomi__Variant *ret_variant)
{
	size_t kind = 0;
	size_t variant = 0;
	while (kind < KIND_COUNT && kinds[kind].own != names->kind)
		kind++;
	while (variant < VARIANT_ROWS && variants[variant].own != names->variant)
		variant++;
	if (kind == KIND_COUNT || variant == VARIANT_ROWS)
		return false;
	*ret_kind = kinds[kind].kind;
	*ret_variant = variants[variant].variant;
	return true;
}

const char *sightings_unpack_names(
    Hinomi__Kind kind, Hinomi__Variant variant, struct sightings_names *ret_names)
{
	size_t kind_row = 0;
	size_t variant_row = 0;
	while (kind_row < KIND_COUNT && kinds[kind_row].kind != kind)
		kind_row++;
	while (variant_row < VARIANT_ROWS && variants[variant_row].variant != variant)
		variant_row++;
	if (kind_row == KIND_COUNT)
		return "an unknown kind";
	if (variant_row == VARIANT_ROWS)
		return "an unknown variant";
	ret_names->kind = (uint8_t)kinds[kind_row].own;
	ret_names->variant = (uint8_t)variants[variant_row].own;
	if (ret_names->kind != SIGHTING_PROBE && ret_names->variant != VARIANT_NONE)
		return "a variant that its kind cannot have";
	return NULL;
}

/* What must hold of every sighting, written or read. */
static const char *check_counts(const struct sighting *sighting)
{
	const uint64_t counts[] = {
	    sighting->packets, sighting->answers, sighting->refusals, sighting->silences};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (counts[i] > SIGHTINGS_COUNT_MAX)
			return "a count that no sensor can have";
	for (size_t i = 0; i < TOOL_COUNT; i++)
		if (sighting->marks[i] > SIGHTINGS_COUNT_MAX)
			return "a count that no sensor can have";
	if (sighting->dark_packets > sighting->packets)
		return "more packets to dark addresses than in all";
	uint64_t in_bins = 0;
	for (size_t i = 0; i < SIGHTING_BINS; i++)
		in_bins += sighting->bins[i];
	if (in_bins > sighting->packets)
		return "more packets in parts of its window than in all";
	return NULL;
}

/* All that a sighting's message points to while it is packed. */
struct scratch {
	uint8_t subject[ADDRESS_BYTES];
	uint64_t marks[TOOL_COUNT];
	uint32_t ports[SIGHTING_PORTS_MAX];
	int64_t port_first_us[SIGHTING_PORTS_MAX];
	uint32_t bins[SIGHTING_BINS];
	struct sightings_set_scratch set;
};

static bool pack_ports(const struct sighting *sighting, int64_t window_us, struct scratch *scratch,
    Hinomi__Sighting *message)
{
	for (size_t i = 0; i < sighting->source_port_count; i++) {
		const struct sighting_port *port = &sighting->source_ports[i];
		scratch->ports[i] = port->port;
		if (!sightings_pack_time(port->first_us, window_us, &scratch->port_first_us[i]))
			return false;
	}
	message->source_ports = scratch->ports;
	message->n_source_ports = sighting->source_port_count;
	message->source_port_first_us = scratch->port_first_us;
	message->n_source_port_first_us = sighting->source_port_count;
	message->more_source_ports = sighting->more_source_ports;
	return true;
}

static bool pack_times(
    const struct sighting *sighting, int64_t window_us, Hinomi__Sighting *message)
{
	int64_t last_us;
	int64_t own_us;
	if (!sightings_pack_time(sighting->window_us, window_us, &own_us))
		return false;
	message->window_before_us = -own_us;
	if (sighting->packets == 0)
		return true;
	message->span_us = (uint64_t)sighting->last_us - (uint64_t)sighting->first_us;
	return sighting->first_us <= sighting->last_us &&
	       sightings_pack_time(sighting->first_us, window_us, &message->first_us) &&
	       sightings_pack_time(sighting->last_us, window_us, &last_us);
}

static void pack_counts(
    const struct sighting *sighting, struct scratch *scratch, Hinomi__Sighting *message)
{
	bool any_mark = false;
	bool any_bin = false;
	message->packets = sighting->packets;
	message->bytes = sighting->bytes;
	message->dark_packets = sighting->dark_packets;
	message->answers = sighting->answers;
	message->refusals = sighting->refusals;
	message->silences = sighting->silences;
	for (size_t i = 0; i < TOOL_COUNT; i++) {
		scratch->marks[i] = sighting->marks[i];
		any_mark |= sighting->marks[i] != 0;
	}
	for (size_t i = 0; i < SIGHTING_BINS; i++) {
		scratch->bins[i] = sighting->bins[i];
		any_bin |= sighting->bins[i] != 0;
	}
	message->marks = scratch->marks;
	message->n_marks = any_mark ? TOOL_COUNT : 0;
	message->bins = scratch->bins;
	message->n_bins = any_bin ? SIGHTING_BINS : 0;
	message->ttl_min = sighting->ttl_min;
	message->ttl_max = sighting->ttl_max;
	message->seen = sighting->seen;
}

size_t sightings_pack_batch(const Hinomi__Batch *batch, uint8_t *out)
{
	size_t bytes = hinomi__batch__get_packed_size(batch);
	assert(bytes <= SIGHTINGS_RECORD_MAX_BYTES);
	return hinomi__batch__pack(batch, out);
}

size_t sightings_pack_sighting(const struct sighting *sighting, int64_t window_us, uint8_t *out)
{
	struct scratch scratch;
	Hinomi__Sighting message;
	Hinomi__Sighting *messages[] = {&message};
	Hinomi__Batch batch;
	hinomi__sighting__init(&message);
	hinomi__batch__init(&batch);
	batch.sightings = messages;
	batch.n_sightings = 1;

	const struct sighting_key *key = &sighting->key;
	const struct sightings_names names = {key->kind, key->variant};
	if (check_counts(sighting) != NULL ||
	    !sightings_pack_names(&names, &message.kind, &message.variant) ||
	    !pack_times(sighting, window_us, &message) ||
	    !pack_ports(sighting, window_us, &scratch, &message) ||
	    !sightings_pack_set(&sighting->targets, window_us, &scratch.set))
		return 0;
	message.subject.data = scratch.subject;
	message.subject.len = sightings_pack_address(&key->subject, scratch.subject);
	message.protocol = key->protocol;
	message.port = key->port;
	message.drill = key->drill != 0;
	pack_counts(sighting, &scratch, &message);
	message.targets = &scratch.set.message;
	return sightings_pack_batch(&batch, out);
}

static bool has_mac(const uint8_t mac[MAC_BYTES])
{
	static const uint8_t none[MAC_BYTES];
	return memcmp(mac, none, MAC_BYTES) != 0;
}

size_t sightings_pack_host(const struct host *host, uint8_t *out)
{
	uint8_t address[ADDRESS_BYTES];
	uint8_t mac[MAC_BYTES];
	Hinomi__Host message;
	Hinomi__Host *messages[] = {&message};
	Hinomi__Batch batch;
	hinomi__host__init(&message);
	hinomi__batch__init(&batch);
	batch.hosts = messages;
	batch.n_hosts = 1;
	message.address.data = address;
	message.address.len = sightings_pack_address(&host->address, address);
	message.flags = host->flags & HOST_ALL;
	memcpy(mac, host->mac, MAC_BYTES);
	message.mac.data = mac;
	message.mac.len = has_mac(mac) ? MAC_BYTES : 0;
	return sightings_pack_batch(&batch, out);
}

size_t sightings_pack_carrier(const struct carrier *carrier, uint8_t *out)
{
	uint8_t places[CARRIER_PLACES_MAX][ADDRESS_BYTES];
	ProtobufCBinaryData place_bytes[CARRIER_PLACES_MAX];
	uint8_t mac[MAC_BYTES];
	Hinomi__Carrier message;
	Hinomi__Carrier *messages[] = {&message};
	Hinomi__Batch batch;
	hinomi__carrier__init(&message);
	hinomi__batch__init(&batch);
	batch.carriers = messages;
	batch.n_carriers = 1;
	memcpy(mac, carrier->mac, MAC_BYTES);
	message.mac.data = mac;
	message.mac.len = MAC_BYTES;
	message.places = place_bytes;
	message.n_places = carrier->place_count;
	for (size_t i = 0; i < carrier->place_count; i++) {
		place_bytes[i].data = places[i];
		place_bytes[i].len = sightings_pack_address(&carrier->places[i], places[i]);
	}
	return sightings_pack_batch(&batch, out);
}

static const char *unpack_key(const Hinomi__Sighting *message, struct sighting_key *key)
{
	struct sightings_names names;
	const char *wrong = sightings_unpack_names(message->kind, message->variant, &names);
	if (wrong != NULL)
		return wrong;
	if (!sightings_unpack_address(&message->subject, &key->subject))
		return "a subject that is no address";
	if (message->port > UINT16_MAX)
		return "a port above 65535";
	if (message->protocol > UINT8_MAX)
		return "a protocol above 255";
	key->kind = names.kind;
	key->variant = names.variant;
	key->port = (uint16_t)message->port;
	key->protocol = (uint8_t)message->protocol;
	key->drill = message->drill != 0;
	if (key->kind == SIGHTING_PROBE && key->variant == VARIANT_NONE)
		return "a probe without its variant";
	if (key->kind == SIGHTING_NEIGHBOUR && key->protocol != 0 && key->protocol != PROTOCOL_ND)
		return "a protocol that asks for no neighbour";
	return NULL;
}

static const char *unpack_times(
    const Hinomi__Sighting *message, int64_t window_us, struct sighting *sighting)
{
	static const char outside[] = "a time outside the years 0001 to 9999";
	if (message->window_before_us == INT64_MIN ||
	    !sightings_unpack_time(-message->window_before_us, window_us, &sighting->window_us))
		return outside;
	if (message->packets == 0)
		return message->first_us != 0 || message->span_us != 0 ? "times without a packet"
								       : NULL;
	if (!sightings_unpack_time(message->first_us, window_us, &sighting->first_us) ||
	    !sightings_unpack_end(sighting->first_us, message->span_us, &sighting->last_us))
		return outside;
	return NULL;
}

static const char *unpack_lists(const Hinomi__Sighting *message, struct sighting *sighting)
{
	if (message->n_bins != 0 && message->n_bins != SIGHTING_BINS)
		return "a window that is not divided into 6";
	if (message->n_marks != 0 && message->n_marks != TOOL_COUNT)
		return "marks of another number of tools";
	for (size_t i = 0; i < message->n_bins; i++)
		sighting->bins[i] = message->bins[i];
	for (size_t i = 0; i < message->n_marks; i++)
		sighting->marks[i] = message->marks[i];
	return NULL;
}

static const char *unpack_counts(const Hinomi__Sighting *message, struct sighting *sighting)
{
	if (message->ttl_min > UINT8_MAX || message->ttl_max > UINT8_MAX)
		return "a TTL above 255";
	if ((message->seen & ~(uint32_t)SEEN_ALL) != 0)
		return "an unknown sign of two ways";
	sighting->packets = message->packets;
	sighting->bytes = message->bytes;
	sighting->dark_packets = message->dark_packets;
	sighting->answers = message->answers;
	sighting->refusals = message->refusals;
	sighting->silences = message->silences;
	sighting->ttl_min = (uint8_t)message->ttl_min;
	sighting->ttl_max = (uint8_t)message->ttl_max;
	sighting->seen = (uint8_t)message->seen;
	const char *wrong = unpack_lists(message, sighting);
	return wrong != NULL ? wrong : check_counts(sighting);
}

static bool is_after(const struct sighting_port *port, const struct sighting_port *before)
{
	if (port->first_us != before->first_us)
		return port->first_us > before->first_us;
	return port->port > before->port;
}

static const char *unpack_ports(
    const Hinomi__Sighting *message, int64_t window_us, struct sighting *sighting)
{
	struct sighting_port *ports = sighting->source_ports;
	if (message->n_source_ports > SIGHTING_PORTS_MAX)
		return "more than 8 source ports";
	if (message->n_source_port_first_us != message->n_source_ports)
		return "source ports and times that do not match";
	for (size_t i = 0; i < message->n_source_ports; i++) {
		if (message->source_ports[i] > UINT16_MAX)
			return "a source port above 65535";
		ports[i].port = (uint16_t)message->source_ports[i];
		if (!sightings_unpack_time(
			message->source_port_first_us[i], window_us, &ports[i].first_us))
			return "a source port at a time outside the years 0001 to 9999";
		for (size_t j = 0; j < i; j++)
			if (ports[j].port == ports[i].port)
				return "a source port twice";
		if (i > 0 && !is_after(&ports[i], &ports[i - 1]))
			return "source ports out of order";
	}
	sighting->source_port_count = (uint8_t)message->n_source_ports;
	sighting->more_source_ports = message->more_source_ports != 0;
	return NULL;
}

const char *sightings_unpack_sighting(const Hinomi__Sighting *message, int64_t window_us,
    struct sightings_room *room, struct sighting *ret_sighting)
{
	struct sighting sighting = {0};
	sighting_init(&sighting);
	const char *wrong = unpack_key(message, &sighting.key);
	if (wrong == NULL)
		wrong = unpack_times(message, window_us, &sighting);
	if (wrong == NULL)
		wrong = unpack_counts(message, &sighting);
	if (wrong == NULL)
		wrong = unpack_ports(message, window_us, &sighting);
	if (wrong == NULL && message->targets != NULL)
		wrong = sightings_unpack_set(message->targets, window_us, room, &sighting.targets);
	if (wrong == NULL)
		*ret_sighting = sighting;
	return wrong;
}

static bool unpack_mac(const ProtobufCBinaryData *bytes, uint8_t mac[static MAC_BYTES])
{
	if (bytes->len != MAC_BYTES)
		return false;
	memcpy(mac, bytes->data, MAC_BYTES);
	return true;
}

const char *sightings_unpack_host(const Hinomi__Host *message, struct host *ret_host)
{
	struct host host = {.flags = message->flags, .member = MEMBER_NONE};
	if (!sightings_unpack_address(&message->address, &host.address))
		return "no address";
	if ((message->flags & ~(uint32_t)HOST_ALL) != 0)
		return "an unknown flag";
	if (message->mac.len != 0 && !unpack_mac(&message->mac, host.mac))
		return "a link-layer address that has not 6 bytes";
	*ret_host = host;
	return NULL;
}

const char *sightings_unpack_carrier(const Hinomi__Carrier *message, struct carrier *ret_carrier)
{
	struct carrier carrier = {0};
	if (!unpack_mac(&message->mac, carrier.mac))
		return "a link-layer address that has not 6 bytes";
	if (message->n_places > CARRIER_PLACES_MAX)
		return "more than 8 places";
	for (size_t i = 0; i < message->n_places; i++) {
		struct address *place = &carrier.places[i];
		if (!sightings_unpack_address(&message->places[i], place))
			return "a place that is no address";
		for (size_t j = 0; j < i; j++)
			if (address_equal(&carrier.places[j], place))
				return "a place twice";
	}
	carrier.place_count = (uint8_t)message->n_places;
	carrier.changes = carrier.place_count;
	*ret_carrier = carrier;
	return NULL;
}

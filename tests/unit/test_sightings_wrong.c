/* Batches that are whole and say what cannot be: each is refused with a word about why. */
#include <stddef.h>

#include "link/sightings_wire.h"
#include "sightings_help.h"
#include "source/frame.h"
#include "test.h"

enum {
	ITEMS_MAX = ADDRESS_SET_EXACT + 1,
	RECORDS_MAX = SIGHTINGS_RECORDS_MAX + 1,
};

/* A batch with one record of each kind, all right, and room for what the rows do to them. */
struct parts {
	Hinomi__Batch batch;
	Hinomi__Sighting sighting;
	Hinomi__AddressSet set;
	Hinomi__Host host;
	Hinomi__Carrier carrier;
	Hinomi__Sum sum;
	Hinomi__Reading reading;
	Hinomi__Strangers strangers;
	Hinomi__StrangersPort port;
	Hinomi__StrangersPort *ports_of_strangers[STRANGERS_PORTS + 1];
	Hinomi__Sighting *sightings[RECORDS_MAX];
	Hinomi__Host *hosts[RECORDS_MAX];
	Hinomi__Carrier *carriers[RECORDS_MAX];
	Hinomi__Sum *sums[RECORDS_MAX];
	char sensor[SIGHTINGS_SENSOR_BYTES + 1];
	uint8_t v4[4 * ITEMS_MAX];
	uint8_t v6[16 * ITEMS_MAX];
	int64_t times[ITEMS_MAX];
	uint64_t spans[ITEMS_MAX];
	uint32_t numbers[ITEMS_MAX];
	uint32_t flags[ITEMS_MAX];
	uint8_t registers[ADDRESS_SET_REGISTERS + 1];
	uint64_t marks[TOOL_COUNT + 1];
	uint32_t ports[SIGHTING_PORTS_MAX + 1];
	int64_t port_times[SIGHTING_PORTS_MAX + 1];
	uint32_t bins[SIGHTING_BINS + 1];
	ProtobufCBinaryData places[CARRIER_PLACES_MAX + 1];
};

static uint8_t address_bytes[8] = {192, 0, 2, 1};
static uint8_t mapped_bytes[16] = {[10] = 0xff, [11] = 0xff, [12] = 192};
static uint8_t other_bytes[8] = {192, 0, 2, 2}; /* more than an address, for rows that say so */
static uint8_t prefix_bytes[] = {192, 0, 2, 0};
static uint8_t mac_bytes[] = {2, 0, 0, 0, 0, 1, 7};

static void point_lists(struct parts *parts)
{
	parts->set.v4.data = parts->v4;
	parts->set.v6.data = parts->v6;
	parts->set.first_us = parts->times;
	parts->set.span_us = parts->spans;
	parts->set.packets = parts->numbers;
	parts->set.flags = parts->flags;
	parts->set.registers.data = parts->registers;
	parts->sighting.marks = parts->marks;
	parts->sighting.source_ports = parts->ports;
	parts->sighting.source_port_first_us = parts->port_times;
	parts->sighting.bins = parts->bins;
	parts->carrier.places = parts->places;
	parts->batch.sightings = parts->sightings;
	parts->batch.hosts = parts->hosts;
	parts->batch.carriers = parts->carriers;
	parts->batch.sums = parts->sums;
}

static void fill_sighting(struct parts *parts)
{
	Hinomi__Sighting *sighting = &parts->sighting;
	sighting->subject = (ProtobufCBinaryData){4, address_bytes};
	sighting->packets = 10;
	sighting->ttl_min = 64;
	sighting->ttl_max = 64;
	sighting->targets = &parts->set;
	memcpy(parts->v4, other_bytes, 4);
	parts->set.v4.len = 4;
	for (size_t i = 0; i < SIGHTING_PORTS_MAX + 1; i++) {
		parts->ports[i] = (uint32_t)i + 1000;
		parts->port_times[i] = (int64_t)i;
	}
}

static void fill(struct parts *parts)
{
	memset(parts, 0, sizeof *parts);
	hinomi__batch__init(&parts->batch);
	hinomi__sighting__init(&parts->sighting);
	hinomi__address_set__init(&parts->set);
	hinomi__host__init(&parts->host);
	hinomi__carrier__init(&parts->carrier);
	hinomi__sum__init(&parts->sum);
	hinomi__reading__init(&parts->reading);
	hinomi__strangers__init(&parts->strangers);
	hinomi__strangers_port__init(&parts->port);
	parts->port.protocol = 6;
	parts->strangers.ports = parts->ports_of_strangers;
	for (size_t i = 0; i < STRANGERS_PORTS + 1; i++)
		parts->ports_of_strangers[i] = &parts->port;
	point_lists(parts);
	fill_sighting(parts);
	parts->host.address = (ProtobufCBinaryData){4, address_bytes};
	parts->carrier.mac = (ProtobufCBinaryData){6, mac_bytes};
	for (size_t i = 0; i < CARRIER_PLACES_MAX + 1; i++)
		parts->places[i] =
		    (ProtobufCBinaryData){4, i % 2 == 0 ? address_bytes : other_bytes};
	parts->carrier.n_places = 2;
	parts->sum.prefix = (ProtobufCBinaryData){4, prefix_bytes};
	parts->sum.bits = 24;
	parts->sum.packets = parts->sum.sources = 1;
	for (size_t i = 0; i < RECORDS_MAX; i++) {
		parts->sightings[i] = &parts->sighting;
		parts->hosts[i] = &parts->host;
		parts->carriers[i] = &parts->carrier;
		parts->sums[i] = &parts->sum;
	}
	memcpy(parts->sensor, "s", 2);
	parts->batch.sensor = parts->sensor;
	parts->batch.version = SIGHTINGS_VERSION;
	parts->batch.sequence = 1;
	parts->batch.window_us = WINDOW_US;
	parts->batch.n_sightings = parts->batch.n_hosts = 1;
	parts->batch.n_carriers = parts->batch.n_sums = 1;
}

static void put_number(FILE *out, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		fputc((int)(value >> 8 * i & 0xff), out);
}

static void put_message(FILE *out, const uint8_t *message, size_t bytes)
{
	put_number(out, bytes, 4);
	put_number(out, sightings_checksum(message, bytes), 8);
	(void)fwrite(message, 1, bytes, out); /* into memory */
}

static void put_header(FILE *out, uint32_t version)
{
	(void)fwrite(sightings_magic, 1, SIGHTINGS_MAGIC_BYTES, out); /* into memory */
	put_number(out, version, 4);
}

static void put_batch(FILE *out, const Hinomi__Batch *batch)
{
	size_t bytes = hinomi__batch__get_packed_size(batch);
	uint8_t *message = malloc(bytes);
	if (message == NULL)
		abort();
	put_message(out, message, hinomi__batch__pack(batch, message));
	free(message);
}

/* A file of the batch, and of a last one behind it unless it is that. */
static void make_file(const struct parts *parts, uint32_t version, struct growing *ret_file)
{
	Hinomi__Batch last;
	Hinomi__Reading reading;
	char sensor[] = "s";
	growing_open(ret_file);
	put_header(ret_file->file, version);
	put_batch(ret_file->file, &parts->batch);
	hinomi__batch__init(&last);
	hinomi__reading__init(&reading);
	last.version = version;
	last.sensor = sensor;
	last.sequence = 2;
	last.is_last = true;
	last.reading = &reading;
	if (!parts->batch.is_last)
		put_batch(ret_file->file, &last);
	growing_seal(ret_file);
}

/* NULL expects that nothing is wrong. */
static void expect(
    const char *name, const struct parts *parts, uint32_t version, const char *complaint)
{
	struct growing file;
	struct told told;
	make_file(parts, version, &file);
	read_files(&file, 1, &told);
	bool right = told.complaints == 0 && told.text.count > 0;
	if (complaint != NULL)
		right = told.complaints == 1 && told.text.count == 0 &&
			strstr(told.complaint.text, complaint) != NULL;
	if (!right)
		printf("# %zu complaints: %s\n", told.complaints, told.complaint.text);
	OK(right, name);
	told_free(&told);
	growing_free(&file);
}

/* What a row changes: a field, by its place. */
struct change {
	size_t at;
	size_t bytes;
	int64_t value;
};

#define SET(field, to)                                                                             \
	{                                                                                          \
		offsetof(struct parts, field), sizeof(((struct parts *)NULL)->field), (to)         \
	}

static const struct row {
	const char *name;
	const char *complaint; /* NULL: it may be so */
	struct change changes[5];
} rows[] = {
    {"all is right", NULL, {{0}}},
    /* the batch */
    {"another version", "batch 1 is of another version than its file; read up to there",
	{SET(batch.version, 1)}},
    {"no sensor", "has a sensor without a proper name", {SET(sensor[0], 0)}},
    {"a sensor with a bell", "has a sensor without a proper name", {SET(sensor[0], 7)}},
    {"a sensor that is not UTF-8", "has a sensor without a proper name", {SET(sensor[0], 0xff)}},
    {"no sequence", "has no number", {SET(batch.sequence, 0)}},
    {"the largest sequence", NULL, {SET(batch.sequence, -1)}},
    {"a window too late", "has a window outside", {SET(batch.window_us, FRAME_TIME_MAX_US + 1)}},
    {"a window too early", "has a window outside", {SET(batch.window_us, FRAME_TIME_MIN_US - 1)}},
    {"the last without its sum", "is the last and does not sum up", {SET(batch.is_last, 1)}},
    {"4096 sightings", NULL, {SET(batch.n_sightings, SIGHTINGS_RECORDS_MAX)}},
    {"4097 sightings", "more records", {SET(batch.n_sightings, SIGHTINGS_RECORDS_MAX + 1)}},
    {"4097 hosts", "more records", {SET(batch.n_hosts, SIGHTINGS_RECORDS_MAX + 1)}},
    {"4097 carriers", "more records", {SET(batch.n_carriers, SIGHTINGS_RECORDS_MAX + 1)}},
    {"4097 sums", "more records", {SET(batch.n_sums, SIGHTINGS_RECORDS_MAX + 1)}},
    /* keys */
    {"no subject", "batch 1 is wrong: a sighting has a subject that is no address; read up to",
	{SET(sighting.subject.len, 0)}},
    {"half a subject", "subject that is no address", {SET(sighting.subject.len, 3)}},
    {"an unknown kind", "a sighting has an unknown kind", {SET(sighting.kind, 7)}},
    {"a negative kind", "an unknown kind", {SET(sighting.kind, -1)}},
    {"an unknown variant", "an unknown variant", {SET(sighting.variant, 7)}},
    {"a request with a variant", "a variant that its kind cannot have",
	{SET(sighting.variant, HINOMI__VARIANT__FIN)}},
    {"a probe without one", "a probe without its variant",
	{SET(sighting.kind, HINOMI__KIND__PROBE)}},
    {"a probe with one", NULL,
	{SET(sighting.kind, HINOMI__KIND__PROBE), SET(sighting.variant, HINOMI__VARIANT__XMAS)}},
    {"port 65535", NULL, {SET(sighting.port, 65535)}},
    {"port 65536", "a port above 65535", {SET(sighting.port, 65536)}},
    {"protocol 255", NULL, {SET(sighting.protocol, 255)}},
    {"protocol 256", "a protocol above 255", {SET(sighting.protocol, 256)}},
    {"a neighbour by TCP", "a protocol that asks for no neighbour",
	{SET(sighting.kind, HINOMI__KIND__NEIGHBOUR), SET(sighting.protocol, 6)}},
    /* times */
    {"the first packet after all time", "a time outside", {SET(sighting.first_us, INT64_MAX)}},
    {"the first packet before all time", "a time outside", {SET(sighting.first_us, INT64_MIN)}},
    {"the last packet after all time", "a time outside", {SET(sighting.span_us, INT64_MAX)}},
    {"a span of 64 bits", "a time outside", {SET(sighting.span_us, -1)}},
    {"a window of its own too early", "a time outside",
	{SET(sighting.window_before_us, INT64_MAX)}},
    {"the smallest number there", "a time outside", {SET(sighting.window_before_us, INT64_MIN)}},
    {"times without a packet", "times without a packet",
	{SET(sighting.packets, 0), SET(sighting.first_us, 1)}},
    {"no packet", NULL, {SET(sighting.packets, 0)}},
    /* counts */
    {"2^40 packets", NULL, {SET(sighting.packets, SIGHTINGS_COUNT_MAX)}},
    {"one more", "a count that no sensor can have",
	{SET(sighting.packets, SIGHTINGS_COUNT_MAX + 1)}},
    {"too many answers", "a count that no", {SET(sighting.answers, SIGHTINGS_COUNT_MAX + 1)}},
    {"too many refusals", "a count that no", {SET(sighting.refusals, SIGHTINGS_COUNT_MAX + 1)}},
    {"too many silences", "a count that no", {SET(sighting.silences, SIGHTINGS_COUNT_MAX + 1)}},
    {"any number of bytes", NULL, {SET(sighting.bytes, -1)}},
    {"more dark packets than packets", "more packets to dark addresses than in all",
	{SET(sighting.dark_packets, 11)}},
    {"TTL 256", "a TTL above 255", {SET(sighting.ttl_max, 256)}},
    {"a third sign", "an unknown sign of two ways", {SET(sighting.seen, 4)}},
    {"four tools", "marks of another number of tools", {SET(sighting.n_marks, 4)}},
    {"six tools", "marks of another number of tools", {SET(sighting.n_marks, 6)}},
    {"2^40 marks", NULL, {SET(sighting.n_marks, 5), SET(marks[4], SIGHTINGS_COUNT_MAX)}},
    {"one more mark", "a count that no sensor can have",
	{SET(sighting.n_marks, 5), SET(marks[4], SIGHTINGS_COUNT_MAX + 1)}},
    {"five parts of a window", "a window that is not divided into 6", {SET(sighting.n_bins, 5)}},
    {"seven parts of a window", "a window that is not divided into 6", {SET(sighting.n_bins, 7)}},
    {"more packets in parts than in all", "more packets in parts of its window than in all",
	{SET(sighting.n_bins, 6), SET(bins[0], 5), SET(bins[5], 6)}},
    /* source ports */
    {"eight source ports", NULL,
	{SET(sighting.n_source_ports, 8), SET(sighting.n_source_port_first_us, 8)}},
    {"nine", "more than 8 source ports",
	{SET(sighting.n_source_ports, 9), SET(sighting.n_source_port_first_us, 9)}},
    {"fewer times than ports", "source ports and times that do not match",
	{SET(sighting.n_source_ports, 3), SET(sighting.n_source_port_first_us, 2)}},
    {"source port 65536", "a source port above 65535",
	{SET(sighting.n_source_ports, 1), SET(sighting.n_source_port_first_us, 1),
	    SET(ports[0], 65536)}},
    {"a source port twice", "a source port twice",
	{SET(sighting.n_source_ports, 3), SET(sighting.n_source_port_first_us, 3),
	    SET(ports[2], 1000)}},
    {"source ports out of order", "source ports out of order",
	{SET(sighting.n_source_ports, 3), SET(sighting.n_source_port_first_us, 3),
	    SET(port_times[2], 0)}},
    {"a source port after all time", "a source port at a time outside",
	{SET(sighting.n_source_ports, 1), SET(sighting.n_source_port_first_us, 1),
	    SET(port_times[0], INT64_MAX)}},
    /* targets */
    {"half a target", "half an address among its targets", {SET(set.v4.len, 6)}},
    {"half a target of IPv6", "half an address among its targets", {SET(set.v6.len, 15)}},
    {"a target twice", "targets twice or out of order",
	{SET(set.v4.len, 8), SET(v4[4], 192), SET(v4[6], 2), SET(v4[7], 2)}},
    {"257 targets", "more targets than are told one by one", {SET(set.v4.len, 4 * 257)}},
    {"257 targets of both families", "more targets than are told one by one",
	{SET(set.v4.len, 4 * 200), SET(set.v6.len, 16 * 57)}},
    {"IPv4 written as IPv6", "a target of IPv4 written as IPv6",
	{SET(set.v6.len, 16), SET(v6[10], 0xff), SET(v6[11], 0xff)}},
    {"more numbers than targets", "targets and numbers about them that do not match",
	{SET(set.n_packets, 2)}},
    {"more times than targets", "targets and numbers", {SET(set.n_first_us, 2)}},
    {"more spans than targets", "targets and numbers", {SET(set.n_span_us, 2)}},
    {"more flags than targets", "targets and numbers", {SET(set.n_flags, 2)}},
    {"an unknown flag of a target", "a target with an unknown flag",
	{SET(set.n_flags, 1), SET(flags[0], 32)}},
    {"all known flags", NULL, {SET(set.n_flags, 1), SET(flags[0], 31)}},
    {"a target after all time", "a target at a time outside",
	{SET(set.n_first_us, 1), SET(times[0], INT64_MAX)}},
    {"a target until after all time", "a target at a time outside",
	{SET(set.n_span_us, 1), SET(spans[0], INT64_MAX)}},
    {"4095 registers", "a sketch that has not 4096 registers", {SET(set.registers.len, 4095)}},
    {"4097 registers", "a sketch that has not 4096 registers", {SET(set.registers.len, 4097)}},
    {"register 53", NULL, {SET(set.registers.len, 4096), SET(registers[7], 53)}},
    {"register 54", "a sketch with a register above 53",
	{SET(set.registers.len, 4096), SET(registers[7], 54)}},
    {"bits of lost targets alone", "lost targets without saying that any are lost",
	{SET(set.lost, 1)}},
    {"lost targets", NULL, {SET(set.lost, INT64_C(0x80000001))}},
    /* hosts and carriers */
    {"a host without an address", "a host has no address", {SET(host.address.len, 0)}},
    {"an unknown flag of a host", "a host has an unknown flag", {SET(host.flags, 256)}},
    {"all known flags of a host", NULL, {SET(host.flags, 255)}},
    {"a link-layer address of 1 byte", "a host has a link-layer address that has not 6 bytes",
	{SET(host.mac.len, 1), SET(host.mac.data, (int64_t)(intptr_t)mac_bytes)}},
    {"a carrier without one", "a carrier has a link-layer address that has not 6 bytes",
	{SET(carrier.mac.len, 0)}},
    {"a place twice", "a carrier has a place twice", {SET(carrier.n_places, 3)}},
    {"nine places", "a carrier has more than 8 places", {SET(carrier.n_places, 9)}},
    {"a place that is none", "a place that is no address", {SET(places[1].len, 5)}},
    /* sums */
    {"a sum of no kind", "a sum has an unknown kind", {SET(sum.kind, 9)}},
    {"a sum of no prefix", "a sum has a prefix that is none", {SET(sum.prefix.len, 0)}},
    {"33 bits", "a prefix that is none", {SET(sum.bits, 33)}},
    {"bits past the prefix", "a prefix that is none", {SET(sum.bits, 22)}},
    {"a prefix of nothing", "a prefix that is none", {SET(sum.bits, 0)}},
    {"a sum of no source", "fewer packets than sources", {SET(sum.sources, 0)}},
    {"more sources than packets", "fewer packets than sources", {SET(sum.sources, 2)}},
    {"a sum of an unknown tool", "a sum has an unknown tool", {SET(sum.tools, 32)}},
    {"a sum of port 65536", "a sum has a port above", {SET(sum.port, 65536)}},
    {"a sum of protocol 256", "a sum has a protocol above", {SET(sum.protocol, 256)}},
    {"a sum after all time", "a sum has a time outside", {SET(sum.first_us, INT64_MAX)}},
    {"a sum until after all time", "a sum has a time outside", {SET(sum.span_us, -1)}},
};

/* In the byte order of this machine, cut to the field. */
static void apply(struct parts *parts, const struct change *change)
{
	uint8_t *at = (uint8_t *)parts + change->at;
	int64_t value = change->value;
	int32_t low = (int32_t)value;
	uint16_t lower = (uint16_t)value;
	uint8_t lowest = (uint8_t)value;
	const void *from = change->bytes == 8   ? (const void *)&value
			   : change->bytes == 4 ? (const void *)&low
			   : change->bytes == 2 ? (const void *)&lower
						: (const void *)&lowest;
	memcpy(at, from, change->bytes);
}

static void test_rows(struct parts *parts)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fill(parts);
		for (const struct change *change = rows[i].changes; change->bytes != 0; change++)
			apply(parts, change);
		expect(rows[i].name, parts, SIGHTINGS_VERSION, rows[i].complaint);
	}
}

static void test_last(struct parts *parts)
{
	fill(parts);
	parts->batch.reading = &parts->reading;
	expect("a sum of all before the end", parts, SIGHTINGS_VERSION, "sums up too early");
	parts->batch.is_last = true;
	expect(
	    "records in the last batch", parts, SIGHTINGS_VERSION, "is the last and has records");
	parts->batch.n_sightings = parts->batch.n_hosts = 0;
	parts->batch.n_carriers = 0;
	expect("a sum in the last batch", parts, SIGHTINGS_VERSION, "is the last and has records");
	parts->batch.n_sums = 0;
	parts->reading.has_times = true;
	parts->reading.first_us = 1;
	expect("an end before its beginning", parts, SIGHTINGS_VERSION,
	    "the end has an end before its beginning");
	parts->reading.last_us = INT64_MAX;
	expect("an end after all time", parts, SIGHTINGS_VERSION, "the end has a time outside");
	parts->reading.has_times = false;
	parts->reading.strangers = &parts->strangers;
	parts->strangers.n_ports = STRANGERS_PORTS + 1;
	expect("eleven ports of strangers", parts, SIGHTINGS_VERSION, "more than 10 ports");
	parts->strangers.n_ports = 2;
	expect("a port of strangers twice", parts, SIGHTINGS_VERSION, "a port of strangers twice");
	parts->strangers.n_ports = 1;
	parts->port.protocol = 1;
	expect("a port of ICMP", parts, SIGHTINGS_VERSION, "a port of strangers that is none");
	parts->port.protocol = 17;
	parts->port.port = 65536;
	expect("port 65536 of strangers", parts, SIGHTINGS_VERSION, "a port of strangers that is");
	parts->batch.version = SIGHTINGS_VERSION_MIN;
	parts->port.port = 65535;
	expect("strangers in version 1", parts, SIGHTINGS_VERSION_MIN, "its version did not know");
}

static void test_other_forms(struct parts *parts)
{
	fill(parts);
	parts->sighting.subject = (ProtobufCBinaryData){16, mapped_bytes};
	expect("a subject of IPv4 written as IPv6", parts, SIGHTINGS_VERSION,
	    "subject that is no address");
	fill(parts);
	parts->sum.prefix = (ProtobufCBinaryData){16, mapped_bytes};
	parts->sum.bits = 128;
	expect("a prefix of IPv4 written as IPv6", parts, SIGHTINGS_VERSION, "prefix that is none");
	fill(parts);
	parts->sighting.targets = NULL;
	expect("no targets at all", parts, SIGHTINGS_VERSION, NULL);
	fill(parts);
	parts->set.registers.len = ADDRESS_SET_REGISTERS;
	memset(parts->registers, 33, sizeof parts->registers);
	expect("a sketch of 2^45 addresses", parts, SIGHTINGS_VERSION,
	    "a sketch of more addresses than there can be");
	parts->registers[100] = 32;
	expect("one of somewhat fewer", parts, SIGHTINGS_VERSION, NULL);
	fill(parts);
	parts->batch.version = SIGHTINGS_VERSION_MIN;
	expect("sums in version 1", parts, SIGHTINGS_VERSION_MIN, "has what its version did not");
	parts->batch.n_sums = 0;
	expect("version 1 without", parts, SIGHTINGS_VERSION_MIN, NULL);
}

/* A batch of these bytes, whole by its checksum. */
static void expect_bytes(
    const char *name, const uint8_t *bytes, size_t count, const char *complaint)
{
	struct growing file;
	struct told told;
	growing_open(&file);
	put_header(file.file, SIGHTINGS_VERSION);
	put_message(file.file, bytes, count);
	growing_seal(&file);
	read_files(&file, 1, &told);
	OK(told.complaints == 1 && told.text.count == 0 &&
		strstr(told.complaint.text, complaint) != NULL,
	    name);
	told_free(&told);
	growing_free(&file);
}

static void test_lengths(void)
{
	size_t most = SIGHTINGS_BATCH_MAX_BYTES;
	uint8_t *bytes = calloc(1, most + 1);
	if (bytes == NULL)
		abort();
	expect_bytes("no message", bytes, 0, "batch 1 is damaged (a length of 0, expected 1 to");
	expect_bytes("a message of 1 MiB and a byte", bytes, most + 1,
	    "batch 1 is damaged (a length of 1048577, expected 1 to 1048576)");
	expect_bytes("1 MiB that is no message", bytes, most, "it is no batch of sightings");
	for (size_t i = 0; i < most; i++)
		bytes[i] = i % 2 == 0 ? 8 << 3 | 2 : 0; /* a sighting of nothing */
	expect_bytes("half a million sightings of nothing take too much memory", bytes, most,
	    "it is no batch of sightings");
	for (size_t i = 0; i < most; i++)
		bytes[i] = i % 2 == 0 ? 99 << 1 & 0x78 : 1; /* unknown fields */
	expect_bytes("half a million unknown fields", bytes, most, "batch 1 is");
	free(bytes);
}

int main(void)
{
	struct parts *parts = malloc(sizeof *parts);
	if (parts == NULL)
		abort();
	test_rows(parts);
	test_last(parts);
	test_other_forms(parts);
	test_lengths();
	free(parts);
	return test_done();
}

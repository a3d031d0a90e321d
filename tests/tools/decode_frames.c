/*
 * decode_frames.c - what the decoder makes of each frame of a capture, one line a frame.
 *
 *     decode_frames FILE
 *
 * Fields apart by tabs: verdict, net, flags, source, target, protocol, TTL, IPv4 id, ports, TCP
 * flags, seq, ack, window, payload, ICMP type and code, quoted source, target, protocol and ports.
 * A damaged capture is read up to the damage. Exits with 1 at a frame of which the two ways of
 * decoding say different things.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../unit/decode_ways.h"
#include "source/source.h"

static struct frame_batch batch;
static const struct source_kind *const kinds[] = {&source_pcap, NULL};

static void print_address(const struct address *address)
{
	char text[ADDRESS_TEXT_BYTES];
	address_format(address, text);
	printf("\t%s", text);
}

static void print_facts(enum decode_verdict verdict, const struct facts *facts)
{
	printf("%s\t%u\t%u", decode_verdict_name(verdict), facts->net, facts->flags);
	print_address(&facts->source);
	print_address(&facts->target);
	printf("\t%u\t%u\t%u\t%u\t%u", facts->protocol, facts->ttl, facts->ip_id,
	    facts->source_port, facts->target_port);
	printf("\t%u\t%" PRIu32 "\t%" PRIu32 "\t%u\t%u\t%u\t%u", facts->tcp_flags, facts->seq,
	    facts->ack, facts->window, facts->payload_bytes, facts->icmp_type, facts->icmp_code);
	static const struct facts nothing;
	const struct facts *quoting = (facts->flags & FACTS_ICMP_ERROR) != 0 ? facts : &nothing;
	print_address(&quoting->inner_source);
	print_address(&quoting->inner_target);
	printf("\t%u\t%u\t%u\n", quoting->inner_protocol, quoting->inner_source_port,
	    quoting->inner_target_port);
}

int main(int argc, char **argv)
{
	struct complaint complaint;
	struct source *source = NULL;
	if (argc != 2) {
		(void)fprintf(stderr, "decode_frames: expected one FILE\n");
		return 2;
	}
	if (source_open(kinds, argv[1], &source, &complaint) < 0) {
		(void)fprintf(stderr, "decode_frames: %s\n", complaint.text);
		return 2;
	}
	bool ways_differ = false;
	int result;
	do {
		batch.count = 0;
		result = source_read(source, &batch, FRAME_BATCH_MAX, &complaint);
		for (size_t i = 0; i < batch.count; i++) {
			struct facts facts;
			print_facts(decode_frame(&batch.frames[i], &facts), &facts);
			ways_differ |= decode_ways_compare(&batch.frames[i]) == WAYS_DIFFER;
		}
	} while (result > 0 && !ways_differ);
	source_close(source);
	if (result < 0)
		(void)fprintf(stderr, "decode_frames: %s\n", complaint.text);
	if (ways_differ)
		(void)fprintf(stderr, "decode_frames: the two ways of decoding differ\n");
	return result < 0 ? 2 : ways_differ;
}

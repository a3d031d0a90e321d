#include "drill/canary.h"

#include "decode/decode.h"

enum {
	TTL = 64,
	SOURCE_PORT = 40000,
	WINDOW = 1024,
	MICROS_APART = 1000,
};

/* 100::KIND:0:NUMBER */
static struct address make_address(uint8_t kind, uint16_t number)
{
	return (struct address){{0x01, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, kind, 0, 0,
	    (uint8_t)(number >> 8), (uint8_t)number}};
}

struct address canary_address(uint16_t number)
{
	return make_address(0xca, number);
}

void canary_fill(
    uint16_t number, int64_t time_us, struct canary_room *room, struct frame_batch *ret_batch)
{
	struct packet packet;
	ret_batch->count = 0;
	for (uint16_t i = 0; i < CANARY_FRAMES; i++) {
		packet_clear(&packet);
		packet.kind = PACKET_TCP;
		packet.source = canary_address(number);
		packet.target = make_address(0xda, (uint16_t)(i + 1));
		packet.source_mac[0] = 2; /* locally administered */
		packet.target_mac[0] = 2;
		packet.ttl = TTL;
		packet.tcp_flags = FACTS_SYN;
		packet.source_port = SOURCE_PORT;
		packet.target_port = CANARY_PORT;
		packet.window = WINDOW;
		packet.seq = (uint32_t)number << 16 | i;
		size_t bytes = frame_build(&packet, room->frames[i]);
		ret_batch->frames[ret_batch->count++] = (struct frame){
		    .bytes = room->frames[i],
		    .captured_bytes = (uint32_t)bytes,
		    .wire_bytes = (uint32_t)bytes,
		    .time_us = time_us + i * MICROS_APART,
		    .link_type = LINK_ETHERNET,
		    .drill = CANARY_DRILL,
		};
	}
}

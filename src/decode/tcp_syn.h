/*
 * tcp_syn.h - a plain TCP SYN over IPv4, cut down to what is counted of a stranger's.
 *
 * Of a telescope's packets four in five are that. Reading these few fields costs a third of
 * decoding all facts.
 */
#ifndef DECODE_TCP_SYN_H
#define DECODE_TCP_SYN_H

#include <stdbool.h>
#include <stdint.h>

#include "source/frame.h"

struct tcp_syn {
	uint32_t source; /* host order */
	uint32_t target;
	uint32_t seq;
	uint32_t tsval; /* 0 where there is none */
	uint16_t source_port;
	uint16_t target_port;
	uint16_t ip_id;
	uint16_t window;
	uint8_t ttl;
	uint8_t options; /* enum tcp_option_style */
	uint8_t verdict; /* enum decode_verdict */
};

/*
 * True, with *ret_syn, for a frame that decode_frame would find to be a TCP SYN (without ACK, RST
 * and FIN) over IPv4, not sent to a link-layer group, and that is plain Ethernet and IP; what it
 * gives is the same. False, with anything in *ret_syn, for all others. The frame is borrowed for
 * the call.
 */
bool tcp_syn_read(const struct frame *frame, struct tcp_syn *ret_syn);

#endif

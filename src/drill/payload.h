/*
 * payload.h - what datagrams carry: enough of each protocol that its readers accept it.
 */
#ifndef DRILL_PAYLOAD_H
#define DRILL_PAYLOAD_H

#include "drill/frame_builder.h"

/* Puts these bytes at the start of the payload, which is at least so long. */
void payload_set(struct packet *packet, const void *bytes, size_t count);

/* A DNS question for the host of number `name`, as sent to a resolver or to a multicast group. */
void payload_set_dns_question(struct packet *packet, uint16_t id, uint64_t name);
/* Its answer; a second record makes it `bytes` long where that is much more. */
void payload_set_dns_answer(struct packet *packet, uint16_t id, uint64_t name, uint16_t bytes);

/* What is usually sent to the packet's UDP target port; where nothing is usual, some bytes. */
void payload_set_request(struct packet *packet, uint64_t chance);

#endif

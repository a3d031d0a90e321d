/*
 * frame_sound.h - whether an Ethernet frame is what a real stack sends: lengths agree, every
 * checksum is right, also inside the packet that an ICMP error quotes. Written apart from the
 * frame builder, byte by byte, so that both would have to be wrong in the same way.
 */
#ifndef FRAME_SOUND_H
#define FRAME_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

/* The ones' complement sum, in network order, carried on from `sum`. */
static uint32_t sound_sum(const uint8_t *bytes, size_t count, uint32_t sum)
{
	for (size_t i = 0; i < count; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* `addresses` are source and target, 8 or 32 bytes. */
static const char *sound_transport(
    const uint8_t *at, size_t bytes, const uint8_t *addresses, bool is_v4, unsigned protocol)
{
	uint32_t sum = 0;
	if (protocol != 1)
		sum = sound_sum(addresses, is_v4 ? 8 : 32, (uint32_t)bytes + protocol);
	if (protocol == 6 && (bytes < 20 || (size_t)(at[12] >> 4) * 4 > bytes || at[12] >> 4 < 5))
		return "a TCP header longer than its packet";
	if (protocol == 17 && (bytes < 8 || be16(at + 4) != bytes))
		return "a UDP length that is not its packet's";
	if (protocol == 17 && be16(at + 6) == 0)
		return "a UDP checksum of none";
	if (protocol != 1 && protocol != 6 && protocol != 17 && protocol != 58)
		return NULL;
	return sound_sum(at, bytes, sum) == 0xffff ? NULL : "a wrong transport checksum";
}

static const char *sound_v6(const uint8_t *at, size_t bytes, size_t *ret_used)
{
	if (bytes < 40 || at[0] >> 4 != 6)
		return "no IPv6 header";
	size_t payload = be16(at + 4);
	if (payload + 40 > bytes)
		return "an IPv6 length beyond the frame";
	*ret_used = payload + 40;
	if (at[6] == 58 && payload > 48 && at[40] < 128) { /* an error quotes a whole packet */
		size_t inner = 0;
		const char *fault = sound_v6(at + 48, payload - 8, &inner);
		if (fault != NULL || inner != payload - 8)
			return "an unsound quoted packet";
	}
	return sound_transport(at + 40, payload, at + 8, false, at[6]);
}

static const char *sound_v4(const uint8_t *at, size_t bytes, size_t *ret_used)
{
	if (bytes < 20 || at[0] != 0x45)
		return "no IPv4 header";
	size_t total = be16(at + 2);
	if (total < 20 || total > bytes)
		return "an IPv4 length beyond the frame";
	if (sound_sum(at, 20, 0) != 0xffff)
		return "a wrong IPv4 checksum";
	*ret_used = total;
	unsigned type = at[20];
	if (at[9] == 1 && (type == 3 || type == 11)) { /* quotes a header and 8 bytes */
		if (total != 20 + 8 + 20 + 8 || sound_sum(at + 28, 20, 0) != 0xffff)
			return "an unsound quoted packet";
	}
	return sound_transport(at + 20, total - 20, at + 12, true, at[9]);
}

/* NULL, or what is wrong with the frame. */
static const char *frame_fault(const uint8_t *bytes, size_t count)
{
	if (count < 60 || count > 1514)
		return "no length of Ethernet";
	size_t used = 0;
	const char *fault = NULL;
	unsigned type = be16(bytes + 12);
	if (type == 0x0800)
		fault = sound_v4(bytes + 14, count - 14, &used);
	else if (type == 0x86dd)
		fault = sound_v6(bytes + 14, count - 14, &used);
	else if (type == 0x0806)
		used = 28;
	else
		return "an unknown type";
	if (fault != NULL)
		return fault;
	if (14 + used < 60)
		return count == 60 ? NULL : "more padding than needed";
	return count == 14 + used ? NULL : "padding behind a full frame";
}

#endif

/* load.h - integers of either byte order, at any address. The caller has checked the length. */
#ifndef SOURCE_LOAD_H
#define SOURCE_LOAD_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load_u16(const uint8_t *bytes, bool is_big)
{
	uint16_t value;
	memcpy(&value, bytes, sizeof value);
	return is_big ? be16toh(value) : le16toh(value);
}

static inline uint32_t load_u32(const uint8_t *bytes, bool is_big)
{
	uint32_t value;
	memcpy(&value, bytes, sizeof value);
	return is_big ? be32toh(value) : le32toh(value);
}

static inline uint64_t load_u64(const uint8_t *bytes, bool is_big)
{
	uint64_t value;
	memcpy(&value, bytes, sizeof value);
	return is_big ? be64toh(value) : le64toh(value);
}

#endif

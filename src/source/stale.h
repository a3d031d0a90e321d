/*
 * stale.h - memory that must not be looked at any more, for AddressSanitizer to see who does.
 *
 * In other builds these do nothing. Memory is given back its validity before it is freed.
 */
#ifndef SOURCE_STALE_H
#define SOURCE_STALE_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define STALE_IS_WATCHED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define STALE_IS_WATCHED
#endif

#ifdef STALE_IS_WATCHED
#include <sanitizer/asan_interface.h>
#endif

static inline void stale_mark(const void *bytes, size_t count)
{
#ifdef STALE_IS_WATCHED
	ASAN_POISON_MEMORY_REGION(bytes, count);
#else
	(void)bytes;
	(void)count;
#endif
}

static inline void stale_unmark(const void *bytes, size_t count)
{
#ifdef STALE_IS_WATCHED
	ASAN_UNPOISON_MEMORY_REGION(bytes, count);
#else
	(void)bytes;
	(void)count;
#endif
}

#endif

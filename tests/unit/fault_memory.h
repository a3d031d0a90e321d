/*
 * fault_memory.h - memory that runs out when told to. The linker sends the allocations of our code
 * here (--wrap, as tests/unit/meson.build asks for a test's name), SQLite its own by its
 * configuration. What fails is the N-th of one owner, or all from it on.
 */
#ifndef FAULT_MEMORY_H
#define FAULT_MEMORY_H

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

enum owner {
	OWNER_HINOMI,
	OWNER_SQLITE,
};

static struct {
	bool is_on;
	enum owner owner; /* whose allocations fail */
	int64_t fail_at;  /* the one that fails, from 1; 0: none */
	bool fails_on;    /* and all after it */
	int64_t calls;
} memory;

static bool fails(enum owner owner)
{
	if (!memory.is_on || owner != memory.owner)
		return false;
	memory.calls++;
	if (memory.fail_at == 0)
		return false;
	return memory.fails_on ? memory.calls >= memory.fail_at : memory.calls == memory.fail_at;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void *__real_reallocarray(void *block, size_t count, size_t bytes);
char *__real_strdup(const char *text);
FILE *__real_open_memstream(char **ret_text, size_t *ret_bytes);
FILE *__wrap_open_memstream(char **ret_text, size_t *ret_bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void *__wrap_reallocarray(void *block, size_t count, size_t bytes);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **ret_text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
int __real_vasprintf(char **ret_text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *__wrap_malloc(size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *block, size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_realloc(block, bytes);
}

void *__wrap_reallocarray(void *block, size_t count, size_t bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_reallocarray(block, count, bytes);
}

char *__wrap_strdup(const char *text)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_strdup(text);
}

FILE *__wrap_open_memstream(char **ret_text, size_t *ret_bytes)
{
	return fails(OWNER_HINOMI) ? no_memory() : __real_open_memstream(ret_text, ret_bytes);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
{
	return fails(OWNER_HINOMI) ? -1 : __real_vasprintf(ret_text, format, arguments);
}

int __wrap_asprintf(char **ret_text, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = fails(OWNER_HINOMI) ? -1 : __real_vasprintf(ret_text, format, arguments);
	va_end(arguments);
	return length;
}

/* SQLite wants to know how large a block is. */
union block {
	int64_t bytes;
	max_align_t alignment;
};

static void *sqlite_malloc(int bytes)
{
	union block *block =
	    fails(OWNER_SQLITE) ? NULL : __real_malloc(sizeof *block + (size_t)bytes);
	if (block == NULL)
		return NULL;
	block->bytes = bytes;
	return block + 1;
}

static void sqlite_free(void *block)
{
	free((union block *)block - 1);
}

static void *sqlite_realloc(void *old, int bytes)
{
	union block *block = (union block *)old - 1;
	block = fails(OWNER_SQLITE) ? NULL : __real_realloc(block, sizeof *block + (size_t)bytes);
	if (block == NULL)
		return NULL;
	block->bytes = bytes;
	return block + 1;
}

static int sqlite_size(void *block)
{
	return block == NULL ? 0 : (int)((union block *)block - 1)->bytes;
}

static int sqlite_round(int bytes)
{
	return (bytes + 7) & ~7;
}

static int sqlite_begin(void *context)
{
	(void)context;
	return SQLITE_OK;
}

static void sqlite_end(void *context)
{
	(void)context;
}

static void install(void)
{
	static const sqlite3_mem_methods methods = {sqlite_malloc, sqlite_free, sqlite_realloc,
	    sqlite_size, sqlite_round, sqlite_begin, sqlite_end, NULL};
	int result = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
	if (result == SQLITE_OK)
		result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1);
	OK(result == SQLITE_OK && sqlite3_initialize() == SQLITE_OK, "memory is ours");
}

#endif

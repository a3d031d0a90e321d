/*
 * fuzz_answer.c - what of an answer to a letter is read by us: the token of a link, and a form.
 *
 * The first line is the token, the rest is the form.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "web/answer_link.h"
#include "web/answer_page.h"
#include "web/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

enum {
	TOKEN_BYTES_MAX = 64,
};

/* With this key "good" of the corpus is signed. */
static const struct answer_key key = {.is_there = true, .bytes = {1, 2, 3}};

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* What is read is written as it was, but for its end, which may not have been chosen by us. */
static void read_token(const char *token)
{
	struct answer_link link;
	struct answer_link again;
	char written[ANSWER_TOKEN_BYTES];
	char form[ANSWER_FORM_BYTES];
	const int result = answer_link_read(&key, token, 0, &link);
	require(result == 0 || result == -EINVAL || result == -ETIME);
	require(result == -EINVAL || answer_link_looks_right(token));
	if (result != 0 || answer_link_write(&key, &link, written) != 0)
		return;
	require(answer_link_read(&key, written, 0, &again) == 0 &&
		again.incident == link.incident && again.contact == link.contact &&
		again.until_us >= link.until_us);
	require(answer_form_write(&key, token, form) == 0 && answer_form_check(&key, token, form));
}

static void read_field(const uint8_t *bytes, size_t count, const char *name, size_t room)
{
	char out[ANSWER_NOTE_RAW_BYTES];
	memset(out, 'x', sizeof out);
	const bool is_there = form_get(bytes, count, name, out, room);
	const size_t length = strnlen(out, room);
	require(length < room && (is_there || length == 0) && length <= count);
	for (size_t at = 0; at < length;) {
		const size_t step = utf8_step(out + at, length - at);
		require(step > 0);
		at += step;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	char token[TOKEN_BYTES_MAX] = "";
	const uint8_t *end = data_bytes > 0 ? memchr(data, '\n', data_bytes) : NULL;
	const size_t length = end != NULL ? (size_t)(end - data) : data_bytes;
	const size_t taken = end != NULL ? length + 1 : length;
	if (length > 0)
		memcpy(token, data, length < sizeof token ? length : sizeof token - 1);
	read_token(token);
	if (taken == data_bytes)
		return 0;
	read_field(data + taken, data_bytes - taken, "form", ANSWER_FORM_BYTES);
	read_field(data + taken, data_bytes - taken, "answer", 16);
	read_field(data + taken, data_bytes - taken, "note", ANSWER_NOTE_RAW_BYTES);
	read_field(data + taken, data_bytes - taken, "", 1);
	return 0;
}

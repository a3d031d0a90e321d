#include "cmd/station/wire.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/pack.h"

static int write_whole(int fd, const void *bytes, size_t count)
{
	const char *at = bytes;
	while (count > 0) {
		ssize_t written = write(fd, at, count);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		at += written;
		count -= (size_t)written;
	}
	return 0;
}

/* Nobody can change it any more. */
static int seal(int fd, int result)
{
	const int all = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	if (result == 0 && fcntl(fd, F_ADD_SEALS, all) != 0)
		result = -errno;
	if (result == 0)
		return fd;
	(void)close(fd); /* memory only */
	return result;
}

int wire_write_text(const char *text, size_t length)
{
	int fd = memfd_create("hinomi-text", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : seal(fd, write_whole(fd, text, length));
}

int wire_write_orders(const struct wire_orders *orders, const char *text, size_t length)
{
	int fd = memfd_create("hinomi-orders", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	int result = write_whole(fd, orders, sizeof *orders);
	if (result == 0)
		result = write_whole(fd, text, length);
	return seal(fd, result);
}

/* All of it, from the beginning, whoever read it before. */
static int read_whole(int fd, void *bytes, size_t count)
{
	char *at = bytes;
	for (size_t done = 0; done < count;) {
		ssize_t got = pread(fd, at + done, count - done, (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		done += (size_t)got;
	}
	return 0;
}

int wire_read_orders(int fd, struct wire_orders *ret_orders, struct complaint *complaint)
{
	int result = read_whole(fd, ret_orders, sizeof *ret_orders);
	(void)close(fd); /* memory only */
	if (result == 0 && ret_orders->bytes != sizeof *ret_orders)
		result = -EPROTO;
	return result == 0 ? 0
			   : complain(complaint, result,
				 "orders: %s; expected those of the program that started this",
				 strerror(-result));
}

int wire_read_text(int fd, size_t max, char **ret_text, size_t *ret_length)
{
	struct stat status;
	char *text = NULL;
	int result = fstat(fd, &status) != 0 ? -errno : 0;
	if (result == 0 && (status.st_size < 0 || (uintmax_t)status.st_size > max))
		result = -EFBIG;
	const size_t length = result == 0 ? (size_t)status.st_size : 0;
	if (result == 0)
		text = malloc(length + 1);
	if (result == 0 && text == NULL)
		result = -ENOMEM;
	if (result == 0)
		result = read_whole(fd, text, length);
	(void)close(fd); /* memory only */
	if (result != 0) {
		free(text);
		return result;
	}
	text[length] = '\0';
	*ret_text = text;
	*ret_length = length;
	return 0;
}

int wire_send_parcel(struct channel *channel, const struct outbox_parcel *parcel)
{
	uint8_t *bytes = malloc(MESSAGE_PAYLOAD_MAX_BYTES);
	if (bytes == NULL)
		return -ENOMEM;
	struct pack pack = pack_over(bytes, MESSAGE_PAYLOAD_MAX_BYTES);
	pack_i64(&pack, parcel->notice);
	pack_u8(&pack, (uint8_t)parcel->kind);
	pack_text(&pack, parcel->address);
	pack_text(&pack, parcel->message_id);
	pack_text(&pack, parcel->media_type);
	pack_text(&pack, parcel->signature);
	pack_bytes(&pack, parcel->body.data, parcel->body.length);
	const struct message message = {
	    .type = WIRE_PARCEL, .payload = bytes, .payload_bytes = pack.used, .fd = -1};
	int result = pack_ok(&pack) ? channel_send(channel, &message) : -EMSGSIZE;
	free(bytes);
	return result;
}

bool wire_read_parcel(const struct message *message, struct wire_parcel *ret_parcel)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	ret_parcel->notice = unpack_i64(&cursor);
	const uint8_t kind = cursor_u8(&cursor);
	unpack_text(&cursor, ret_parcel->address, sizeof ret_parcel->address);
	unpack_text(&cursor, ret_parcel->message_id, sizeof ret_parcel->message_id);
	unpack_text(&cursor, ret_parcel->media_type, sizeof ret_parcel->media_type);
	unpack_text(&cursor, ret_parcel->signature, sizeof ret_parcel->signature);
	ret_parcel->body = unpack_bytes(&cursor, &ret_parcel->length);
	ret_parcel->kind = kind <= CONTACT_FILES ? (enum contact_kind)kind : CONTACT_MAIL;
	return unpack_is_whole(&cursor) && kind <= CONTACT_FILES;
}

int wire_send_sign(int fd, uint64_t number, const void *bytes, size_t length)
{
	uint8_t *payload = malloc(MESSAGE_PAYLOAD_MAX_BYTES);
	if (payload == NULL)
		return -ENOMEM;
	struct pack pack = pack_over(payload, MESSAGE_PAYLOAD_MAX_BYTES);
	pack_u64(&pack, number);
	pack_bytes(&pack, bytes, length);
	const struct message message = {
	    .type = WIRE_SIGN, .payload = payload, .payload_bytes = pack.used, .fd = -1};
	int result = pack_ok(&pack) ? message_send(fd, &message) : -EMSGSIZE;
	free(payload);
	return result;
}

bool wire_read_sign(const struct message *message, struct wire_sign *ret_sign)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	ret_sign->number = unpack_u64(&cursor);
	ret_sign->bytes = unpack_bytes(&cursor, &ret_sign->length);
	return unpack_is_whole(&cursor);
}

int wire_send_signed(struct channel *channel, const struct wire_signed *made)
{
	uint8_t *payload = malloc(MESSAGE_PAYLOAD_MAX_BYTES);
	if (payload == NULL)
		return -ENOMEM;
	struct pack pack = pack_over(payload, MESSAGE_PAYLOAD_MAX_BYTES);
	pack_u64(&pack, made->number);
	pack_text(&pack, made->micalg);
	pack_bytes(&pack, made->bytes, made->length);
	const struct message message = {
	    .type = WIRE_SIGNED, .payload = payload, .payload_bytes = pack.used, .fd = -1};
	int result = pack_ok(&pack) ? channel_send(channel, &message) : -EMSGSIZE;
	free(payload);
	return result;
}

bool wire_read_signed(const struct message *message, struct wire_signed *ret_signed)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	ret_signed->number = unpack_u64(&cursor);
	unpack_text(&cursor, ret_signed->micalg, sizeof ret_signed->micalg);
	ret_signed->bytes = unpack_bytes(&cursor, &ret_signed->length);
	return message->type == WIRE_SIGNED && unpack_is_whole(&cursor);
}

int wire_send_result(struct channel *channel, const struct outbox_result *result)
{
	uint8_t bytes[COURIER_REPLY_BYTES + 64];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_i64(&pack, result->notice);
	pack_u8(&pack, (uint8_t)result->outcome);
	pack_text(&pack, result->reply);
	pack_i64(&pack, result->at_us);
	const struct message message = {
	    .type = WIRE_RESULT, .payload = bytes, .payload_bytes = pack.used, .fd = -1};
	return pack_ok(&pack) ? channel_send(channel, &message) : -EMSGSIZE;
}

bool wire_read_result(const struct message *message, struct wire_result *ret_result)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	ret_result->notice = unpack_i64(&cursor);
	const uint8_t outcome = cursor_u8(&cursor);
	unpack_text(&cursor, ret_result->reply, sizeof ret_result->reply);
	ret_result->at_us = unpack_i64(&cursor);
	ret_result->outcome = (enum courier_outcome)outcome;
	return unpack_is_whole(&cursor) && outcome < COURIER_OUTCOME_COUNT;
}

int wire_send_returned(struct channel *channel, uint64_t mark, const struct returned *returned)
{
	uint8_t bytes[sizeof *returned + 128];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, mark);
	pack_u8(&pack, (uint8_t)returned->kind);
	pack_u8(&pack, (uint8_t)returned->id_count);
	for (size_t i = 0; i < returned->id_count; i++)
		pack_text(&pack, returned->ids[i]);
	pack_text(&pack, returned->from);
	pack_text(&pack, returned->reason);
	pack_text(&pack, returned->text);
	const struct message message = {
	    .type = WIRE_RETURNED, .payload = bytes, .payload_bytes = pack.used, .fd = -1};
	return pack_ok(&pack) ? channel_send(channel, &message) : -EMSGSIZE;
}

bool wire_read_returned(
    const struct message *message, uint64_t *ret_mark, struct returned *ret_returned)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	*ret_mark = unpack_u64(&cursor);
	const uint8_t kind = cursor_u8(&cursor);
	ret_returned->id_count = cursor_u8(&cursor);
	if (kind >= RETURNED_KIND_COUNT || ret_returned->id_count > RETURNED_IDS_MAX)
		return false;
	ret_returned->kind = (enum returned_kind)kind;
	for (size_t i = 0; i < ret_returned->id_count; i++)
		unpack_text(&cursor, ret_returned->ids[i], sizeof ret_returned->ids[i]);
	unpack_text(&cursor, ret_returned->from, sizeof ret_returned->from);
	unpack_text(&cursor, ret_returned->reason, sizeof ret_returned->reason);
	unpack_text(&cursor, ret_returned->text, sizeof ret_returned->text);
	return message->type == WIRE_RETURNED && unpack_is_whole(&cursor);
}

int wire_send_noted_return(struct channel *channel, uint64_t mark, bool is_to_come_again)
{
	uint8_t bytes[16];
	struct pack pack = pack_over(bytes, sizeof bytes);
	pack_u64(&pack, mark);
	pack_u8(&pack, is_to_come_again);
	const struct message message = {
	    .type = WIRE_NOTED_RETURN, .payload = bytes, .payload_bytes = pack.used, .fd = -1};
	return channel_send(channel, &message);
}

bool wire_read_noted_return(
    const struct message *message, uint64_t *ret_mark, bool *ret_is_to_come_again)
{
	struct cursor cursor = cursor_over(message->payload, message->payload_bytes);
	*ret_mark = unpack_u64(&cursor);
	const uint8_t again = cursor_u8(&cursor);
	*ret_is_to_come_again = again != 0;
	return message->type == WIRE_NOTED_RETURN && unpack_is_whole(&cursor) && again <= 1;
}

/* The numbers of a report in their order. */
#define REPORT_NUMBERS                                                                             \
	X(number)                                                                                  \
	X(flags)                                                                                   \
	X(packets)                                                                                 \
	X(bytes)                                                                                   \
	X(dropped)                                                                                 \
	X(refused)                                                                                 \
	X(truncated)                                                                               \
	X(malformed)                                                                               \
	X(unsupported)                                                                             \
	X(evicted)                                                                                 \
	X(lost_batches)                                                                            \
	X(canary)                                                                                  \
	X(epoch)                                                                                   \
	X(sequence)

size_t wire_write_report(const struct wire_report *report, uint8_t out[static WIRE_REPORT_BYTES])
{
	struct pack pack = pack_over(out, WIRE_REPORT_BYTES);
	pack_u8(&pack, WIRE_REPORT_MARK);
#define X(field) pack_u64(&pack, report->field);
	REPORT_NUMBERS
#undef X
	pack_i64(&pack, report->last_us);
	pack_i64(&pack, report->since_us);
	pack_i64(&pack, report->until_us);
	pack_i64(&pack, report->canary_us);
	pack_text(&pack, report->interface);
	assert(pack_ok(&pack)); /* the name of an interface is the kernel's */
	return pack.used;
}

bool wire_is_report(const uint8_t *bytes, size_t count)
{
	return count > 0 && bytes[0] == WIRE_REPORT_MARK;
}

bool wire_read_report(const uint8_t *bytes, size_t count, struct wire_report *ret_report)
{
	struct cursor cursor = cursor_over(bytes, count);
	const uint8_t mark = cursor_u8(&cursor);
#define X(field) ret_report->field = unpack_u64(&cursor);
	REPORT_NUMBERS
#undef X
	ret_report->last_us = unpack_i64(&cursor);
	ret_report->since_us = unpack_i64(&cursor);
	ret_report->until_us = unpack_i64(&cursor);
	ret_report->canary_us = unpack_i64(&cursor);
	unpack_text(&cursor, ret_report->interface, sizeof ret_report->interface);
	return unpack_is_whole(&cursor) && mark == WIRE_REPORT_MARK;
}

/*
 * duty_layout.h - what parent and duty tell each other by themselves. Used by them alone.
 *
 * The descriptors of a new duty begin at DUTY_FIRST_FD: the control channel, then of each of its
 * links in the order of the table one (a channel) or two (a relay's memory and what wakes its
 * reader), then those that it is given. The first message on the control channel, the layout, says
 * what they are and what the duty's row says.
 */
#ifndef PROC_DUTY_LAYOUT_H
#define PROC_DUTY_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "proc/duty.h"
#include "proc/pack.h"
#include "proc/privilege.h"

enum {
	DUTY_FIRST_FD = 3,
	DUTY_FDS_MAX = 1 + 2 * DUTY_LINKS_MAX + DUTY_DESCRIPTORS_MAX,
};

/* Types of messages. A duty answers what the parent asks. */
enum {
	DUTY_LAYOUT = 1, /* to the duty: below */
	DUTY_IS_READY,   /* to the parent: what the sandbox became */
	DUTY_PING,       /* to the duty: a number (u64) */
	DUTY_PONG,       /* to the parent: the same */
	DUTY_LINK,       /* to the duty: the number of one of its links (u16), and its new end */
	DUTY_STOP,       /* to the duty: end */
};

struct duty_layout_link {
	char name[DUTY_NAME_BYTES];
	bool is_relay;
	bool is_from; /* this duty is the link's first; of a relay it writes */
	uint32_t record_max_bytes;
};

/* As the duty reads it. */
struct duty_layout {
	char name[DUTY_NAME_BYTES];
	bool is_mute;
	bool drops_late;
	bool is_strict;
	bool becomes_user;
	struct privilege user;
	struct sandbox_profile profile; /* points into what follows */
	char dirs[3][DUTY_PATH_BYTES];
	char paths[DUTY_PATHS_MAX][DUTY_PATH_BYTES];
	const char *path_list[DUTY_PATHS_MAX + 1];
	uint16_t ports[DUTY_PORTS_MAX];
	size_t link_count;
	struct duty_layout_link links[DUTY_LINKS_MAX];
	size_t descriptor_count;
	char descriptors[DUTY_DESCRIPTORS_MAX][DUTY_NAME_BYTES];
};

/* `user` is NULL where the duty becomes nobody else. Asks `pack` afterwards whether it found room.
 */
void duty_layout_write(
    struct pack *pack, const struct duty_table *table, size_t duty, const struct privilege *user);
/* Whether the bytes are a whole layout; *ret_layout may be half written when not. */
bool duty_layout_read(struct cursor *cursor, struct duty_layout *ret_layout);

void duty_ready_write(struct pack *pack, const struct sandbox_state *state);
bool duty_ready_read(struct cursor *cursor, struct sandbox_state *ret_state);

#endif

#include "proc/duty_layout.h"

#include <string.h>

/* Yes and no of a row and its profile, in this order, a byte each. */
enum {
	FLAG_MUTE,
	FLAG_DROPS_LATE,
	FLAG_STRICT,
	FLAG_USER,
	FLAG_THREAD,
	FLAG_LISTEN,
	FLAG_MESSAGE,
	FLAG_SERVE,
	FLAG_MEMORY,
	FLAG_CONNECT,
	FLAG_COUNT,
};

static void write_flags(struct pack *pack, const struct duty *duty, bool has_user)
{
	const struct sandbox_profile *profile = &duty->profile;
	const bool flags[FLAG_COUNT] = {
	    [FLAG_MUTE] = duty->is_mute,
	    [FLAG_DROPS_LATE] = duty->drops_late,
	    [FLAG_STRICT] = duty->is_strict,
	    [FLAG_USER] = has_user,
	    [FLAG_THREAD] = profile->may_thread,
	    [FLAG_LISTEN] = profile->may_listen,
	    [FLAG_MESSAGE] = true,
	    [FLAG_SERVE] = profile->may_serve,
	    [FLAG_MEMORY] = profile->may_make_memory,
	    [FLAG_CONNECT] = profile->may_connect,
	};
	for (size_t i = 0; i < FLAG_COUNT; i++)
		pack_u8(pack, flags[i]);
}

static void read_flags(struct cursor *cursor, struct duty_layout *layout)
{
	bool flags[FLAG_COUNT];
	for (size_t i = 0; i < FLAG_COUNT; i++)
		flags[i] = cursor_u8(cursor) != 0;
	layout->is_mute = flags[FLAG_MUTE];
	layout->drops_late = flags[FLAG_DROPS_LATE];
	layout->is_strict = flags[FLAG_STRICT];
	layout->becomes_user = flags[FLAG_USER];
	layout->profile.may_thread = flags[FLAG_THREAD];
	layout->profile.may_listen = flags[FLAG_LISTEN];
	layout->profile.may_message = flags[FLAG_MESSAGE];
	layout->profile.may_serve = flags[FLAG_SERVE];
	layout->profile.may_make_memory = flags[FLAG_MEMORY];
	layout->profile.may_connect = flags[FLAG_CONNECT];
}

/* No path is empty: an empty one is none. */
static void write_paths(struct pack *pack, const struct sandbox_profile *profile)
{
	const char *const dirs[] = {profile->write_dir, profile->rename_dir, profile->keep_dir};
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		pack_text(pack, dirs[i] == NULL ? "" : dirs[i]);
	size_t count = 0;
	while (profile->read_paths != NULL && profile->read_paths[count] != NULL)
		count++;
	pack_u8(pack, profile->read_paths != NULL);
	pack_u16(pack, (uint16_t)count);
	for (size_t i = 0; i < count; i++)
		pack_text(pack, profile->read_paths[i]);
}

/* A count of at most `count_max`. */
static size_t read_count(struct cursor *cursor, size_t count_max)
{
	size_t count = cursor_u16(cursor);
	if (count > count_max)
		cursor->failed = true;
	return cursor_ok(cursor) ? count : 0;
}

static void read_paths(struct cursor *cursor, struct duty_layout *layout)
{
	const char **const dirs[] = {
	    &layout->profile.write_dir, &layout->profile.rename_dir, &layout->profile.keep_dir};
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		unpack_text(cursor, layout->dirs[i], sizeof layout->dirs[i]);
		*dirs[i] = layout->dirs[i][0] == '\0' ? NULL : layout->dirs[i];
	}
	bool has_paths = cursor_u8(cursor) != 0;
	size_t count = read_count(cursor, DUTY_PATHS_MAX);
	for (size_t i = 0; i < count; i++) {
		unpack_text(cursor, layout->paths[i], sizeof layout->paths[i]);
		layout->path_list[i] = layout->paths[i];
	}
	layout->path_list[count] = NULL;
	layout->profile.read_paths = has_paths ? layout->path_list : NULL;
}

static void write_links(struct pack *pack, const struct duty_table *table, size_t duty)
{
	uint16_t count = 0;
	for (size_t i = 0; i < table->link_count; i++)
		if (table->links[i].from == duty || table->links[i].to == duty)
			count++;
	pack_u16(pack, count);
	for (size_t i = 0; i < table->link_count; i++) {
		const struct duty_link *link = &table->links[i];
		if (link->from != duty && link->to != duty)
			continue;
		pack_text(pack, link->name);
		pack_u8(pack, link->kind == DUTY_RELAY);
		pack_u8(pack, link->from == duty);
		pack_u32(pack, (uint32_t)link->record_max_bytes);
	}
}

static void read_links(struct cursor *cursor, struct duty_layout *layout)
{
	layout->link_count = read_count(cursor, DUTY_LINKS_MAX);
	for (size_t i = 0; i < layout->link_count; i++) {
		struct duty_layout_link *link = &layout->links[i];
		unpack_text(cursor, link->name, sizeof link->name);
		link->is_relay = cursor_u8(cursor) != 0;
		link->is_from = cursor_u8(cursor) != 0;
		link->record_max_bytes = cursor_u32(cursor);
	}
}

static bool is_given(const struct duty_descriptor *given, size_t duty)
{
	return given->duty == duty && given->fd >= 0;
}

static void write_descriptors(struct pack *pack, const struct duty_table *table, size_t duty)
{
	uint16_t count = 0;
	for (size_t i = 0; i < table->descriptor_count; i++)
		if (is_given(&table->descriptors[i], duty))
			count++;
	pack_u16(pack, count);
	for (size_t i = 0; i < table->descriptor_count; i++)
		if (is_given(&table->descriptors[i], duty))
			pack_text(pack, table->descriptors[i].name);
}

void duty_layout_write(
    struct pack *pack, const struct duty_table *table, size_t duty, const struct privilege *user)
{
	const struct duty *row = &table->duties[duty];
	pack_text(pack, row->name);
	write_flags(pack, row, user != NULL);
	pack_u32(pack, user == NULL ? 0 : user->uid);
	pack_u32(pack, user == NULL ? 0 : user->gid);
	write_paths(pack, &row->profile);
	pack_u16(pack, (uint16_t)row->profile.connect_port_count);
	for (size_t i = 0; i < row->profile.connect_port_count; i++)
		pack_u16(pack, row->profile.connect_ports[i]);
	write_links(pack, table, duty);
	write_descriptors(pack, table, duty);
}

bool duty_layout_read(struct cursor *cursor, struct duty_layout *ret_layout)
{
	memset(ret_layout, 0, sizeof *ret_layout);
	unpack_text(cursor, ret_layout->name, sizeof ret_layout->name);
	read_flags(cursor, ret_layout);
	ret_layout->user.uid = cursor_u32(cursor);
	ret_layout->user.gid = cursor_u32(cursor);
	read_paths(cursor, ret_layout);
	ret_layout->profile.connect_port_count = read_count(cursor, DUTY_PORTS_MAX);
	for (size_t i = 0; i < ret_layout->profile.connect_port_count; i++)
		ret_layout->ports[i] = cursor_u16(cursor);
	ret_layout->profile.connect_ports = ret_layout->ports;
	read_links(cursor, ret_layout);
	ret_layout->descriptor_count = read_count(cursor, DUTY_DESCRIPTORS_MAX);
	for (size_t i = 0; i < ret_layout->descriptor_count; i++)
		unpack_text(cursor, ret_layout->descriptors[i], sizeof ret_layout->descriptors[i]);
	return unpack_is_whole(cursor);
}

void duty_ready_write(struct pack *pack, const struct sandbox_state *state)
{
	pack_u32(pack, (uint32_t)state->landlock_abi);
	pack_u8(pack, state->landlocked);
	pack_u8(pack, state->seccomped);
	pack_u8(pack, state->no_new_privs);
	pack_u32(pack, state->lacks);
}

bool duty_ready_read(struct cursor *cursor, struct sandbox_state *ret_state)
{
	uint32_t abi = cursor_u32(cursor);
	ret_state->landlock_abi = abi <= INT16_MAX ? (int)abi : 0;
	ret_state->landlocked = cursor_u8(cursor) != 0;
	ret_state->seccomped = cursor_u8(cursor) != 0;
	ret_state->no_new_privs = cursor_u8(cursor) != 0;
	ret_state->lacks = cursor_u32(cursor);
	return unpack_is_whole(cursor);
}

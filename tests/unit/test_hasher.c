/* Passwords that are hashed by a thread: in order, bounded, told in the loop, and kept nowhere. */
#include "cmd/station/hasher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

enum {
	PATIENCE_TURNS = 600,
	TURN_US = 100000,
	MADE_BYTES = 25,
	LINE_BYTES = 512,
	OTHERS = 16, /* that take longer than looking through all memory */
};

static const char good[] = "correct horse battery";

/* What was told of one work. */
struct told {
	struct loop *loop;
	struct hasher *hasher;
	size_t place; /* among those that were told, from 1 */
	bool is_dropped;
	bool adds_one; /* asks for the next one in its call */
	struct hasher_done done;
};

static size_t told_count;

static void on_done(void *context, const struct hasher_done *done)
{
	struct told *told = context;
	const struct hasher_work work = {.password = good, .kept = ""};
	const struct hasher_call call = {on_done, told};
	told->place = ++told_count;
	if (done == NULL) {
		told->is_dropped = true;
		return;
	}
	told->done = *done;
	if (told->adds_one) {
		told->adds_one = false;
		OK(hasher_add(told->hasher, &work, &call) == 0,
		    "a work may be added in a call of another");
	}
}

static void await(struct loop *loop, size_t count)
{
	for (int i = 0; i < PATIENCE_TURNS && told_count < count; i++)
		(void)loop_turn(loop, TURN_US);
}

struct scene {
	struct loop *loop;
	struct hasher *hasher;
};

static void open_scene(struct scene *scene)
{
	told_count = 0;
	if (loop_new(&loop_clock_system, &scene->loop) != 0 ||
	    hasher_new(scene->loop, &scene->hasher) != 0)
		abort();
}

static void close_scene(struct scene *scene)
{
	hasher_free(scene->hasher);
	loop_free(scene->loop);
}

static int add(struct scene *scene, const struct hasher_work *work, struct told *told)
{
	const struct hasher_call call = {on_done, told};
	told->hasher = scene->hasher;
	return hasher_add(scene->hasher, work, &call);
}

static void test_works(void)
{
	struct scene scene;
	struct told key = {.adds_one = true};
	struct told kept = {.place = 0};
	struct told both = {.place = 0};
	char before[PASSWORD_KEPT_BYTES];
	if (password_keep(good, strlen(good), before) != 0)
		abort();
	open_scene(&scene);
	const struct hasher_work a = {.password = good, .kept = before};
	const struct hasher_work b = {.new_password = "another horse battery"};
	const struct hasher_work c = {
	    .password = good, .kept = before, .new_password = "a third horse battery"};
	OK(add(&scene, &a, &key) == 0 && add(&scene, &b, &kept) == 0 && add(&scene, &c, &both) == 0,
	    "three works");
	OK(told_count == 0, "none of them is told before the loop turns");
	await(scene.loop, 3);
	OK(key.done.result == 0 && password_is_key(before, key.done.key) &&
		key.done.kept[0] == '\0',
	    "a password becomes its key, and nothing else");
	OK(kept.done.result == 0 && password_is_kept(kept.done.kept) && kept.done.key[0] == '\0',
	    "a new one what is kept of it");
	OK(password_is_key(before, both.done.key) && password_is_kept(both.done.kept) &&
		strcmp(both.done.kept, kept.done.kept) != 0,
	    "or both, of two");
	OK(kept.place == 2 && both.place == 3, "in the order in which they came");
	await(scene.loop, 4);
	OK(key.place == 4 && key.done.result == 0 && !password_is_key(before, key.done.key),
	    "the one that was added in a call comes last: its key fits nothing that is kept");
	close_scene(&scene);
}

static void test_room(void)
{
	struct scene scene;
	static struct told told[HASHER_WORKS_MAX + 1];
	const struct hasher_work work = {.password = good, .kept = ""};
	memset(told, 0, sizeof told);
	open_scene(&scene);
	bool all = true;
	for (size_t i = 0; i < HASHER_WORKS_MAX; i++)
		all = add(&scene, &work, &told[i]) == 0 && all;
	OK(all, "as many works as there is room for");
	OK(add(&scene, &work, &told[HASHER_WORKS_MAX]) == -ENOBUFS, "and no more");
	await(scene.loop, 1);
	OK(add(&scene, &work, &told[HASHER_WORKS_MAX]) == 0, "once one was told there is room");
	await(scene.loop, HASHER_WORKS_MAX + 1);
	all = true;
	for (size_t i = 0; i <= HASHER_WORKS_MAX; i++)
		all = told[i].place == i + 1 && told[i].done.result == 0 && all;
	OK(all && told_count == HASHER_WORKS_MAX + 1, "each is told, once, in its order");
	close_scene(&scene);
}

static void test_length(void)
{
	struct scene scene;
	struct told told = {.place = 0};
	char text[PASSWORD_MAX_BYTES + 2];
	memset(text, 'x', sizeof text);
	text[PASSWORD_MAX_BYTES + 1] = '\0';
	open_scene(&scene);
	const struct hasher_work first = {.password = text, .kept = ""};
	const struct hasher_work second = {.new_password = text};
	const struct hasher_work third = {.password = good, .kept = text};
	OK(add(&scene, &first, &told) == -EMSGSIZE && add(&scene, &second, &told) == -EMSGSIZE &&
		add(&scene, &third, &told) == -EMSGSIZE,
	    "longer than may be is refused");
	text[PASSWORD_MAX_BYTES] = '\0';
	OK(add(&scene, &first, &told) == 0, "the longest is not");
	await(scene.loop, 1);
	OK(told.place == 1 && told.done.result == 0, "and is hashed");
	close_scene(&scene);
}

static void test_end(void)
{
	struct scene scene;
	struct told told[3] = {{.place = 0}};
	const struct hasher_work work = {.password = good, .kept = ""};
	open_scene(&scene);
	close_scene(&scene);
	OK(true, "one that had nothing to do ends");
	open_scene(&scene);
	for (size_t i = 0; i < 3; i++)
		OK(add(&scene, &work, &told[i]) == 0, "a work that is not waited for");
	close_scene(&scene);
	OK(told[0].is_dropped && told[1].is_dropped && told[2].is_dropped && told_count == 3,
	    "each is told that it will not be done");
}

/* ---- What is left in memory ---- */

/* Made here, so that it stands nowhere else. */
static void make_password(char out[static MADE_BYTES])
{
	for (size_t i = 0; i < MADE_BYTES - 1; i++)
		out[i] = (char)('a' + (i * 7 + 3) % 26);
	out[MADE_BYTES - 1] = '\0';
}

static size_t count_in(const char *bytes, size_t length, const char *text)
{
	size_t found = 0;
	const char *end = bytes + length;
	const char *at = memmem(bytes, length, text, MADE_BYTES - 1);
	for (; at != NULL; found++)
		at = memmem(at + 1, (size_t)(end - at - 1), text, MADE_BYTES - 1);
	return found;
}

/* How often it stands in what this process may write to. */
static size_t count_in_memory(const char *text)
{
	char line[LINE_BYTES];
	FILE *maps = fopen("/proc/self/maps", "re");
	FILE *memory = fopen("/proc/self/mem", "re");
	size_t found = 0;
	if (maps == NULL || memory == NULL)
		abort();
	while (fgets(line, sizeof line, maps) != NULL) {
		unsigned long start;
		unsigned long end;
		char rights[5];
		if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) != 3 || rights[1] != 'w' ||
		    end - start > (64UL << 20)) /* the sanitizer's own */
			continue;
		char *copy = malloc(end - start);
		if (copy == NULL)
			abort();
		if (fseek(memory, (long)start, SEEK_SET) == 0 &&
		    fread(copy, 1, end - start, memory) == end - start)
			found += count_in(copy, end - start, text);
		explicit_bzero(copy, end - start);
		free(copy);
	}
	(void)fclose(memory);
	(void)fclose(maps);
	return found;
}

static void test_memory(void)
{
	struct scene scene;
	struct told told = {.place = 0};
	struct told others = {.place = 0};
	char password[MADE_BYTES];
	char kept[PASSWORD_KEPT_BYTES];
	make_password(password);
	if (password_keep(good, strlen(good), kept) != 0)
		abort();
	open_scene(&scene);
	const size_t before = count_in_memory(password);
	OK(before >= 1, "a password stands where it was made");
	const struct hasher_work other = {.password = good, .kept = kept};
	const struct hasher_work work = {
	    .password = password, .kept = kept, .new_password = password};
	bool all = true;
	for (size_t i = 0; i < OTHERS; i++)
		all = add(&scene, &other, &others) == 0 && all;
	OK(all && add(&scene, &work, &told) == 0 && count_in_memory(password) > before,
	    "while it waits there are copies");
	await(scene.loop, OTHERS + 1);
	OK(told.place == OTHERS + 1 && count_in_memory(password) == before,
	    "once it is told there are none");
	close_scene(&scene);
}

int main(void)
{
	test_works();
	test_room();
	test_length();
	test_end();
	test_memory();
	return test_done();
}

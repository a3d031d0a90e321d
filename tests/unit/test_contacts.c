#include "observe/contacts.h"

#include <stdint.h>

#include "test.h"

enum {
	ROOM = 64,
	SECOND = 1000000,
};

static struct address host(uint32_t number)
{
	return address_from_v4_u32(0x0a000000U + number);
}

static struct contact_key key_of(uint32_t source, uint32_t target, uint16_t port)
{
	return (struct contact_key){
	    .source = host(source), .target = host(target), .port = port, .protocol = 6};
}

/* Opens a contact at this time; NULL when there is no room. */
static struct contact *open_at(struct contacts *contacts, uint32_t target, int64_t time_us)
{
	const struct contact_key key = key_of(1, target, 22);
	bool is_new;
	struct contact *contact = contacts_get(contacts, &key, &is_new);
	if (contact != NULL && is_new) {
		contact->first_us = time_us;
		contact->last_us = time_us;
	}
	return contact;
}

static void test_get(void)
{
	struct contacts *contacts = contacts_new(ROOM, 1, NULL);
	const struct contact_key key = key_of(1, 2, 22);
	bool is_new = false;
	OK(contacts_find(contacts, &key) == NULL, "nothing is found in the beginning");
	struct contact *contact = contacts_get(contacts, &key, &is_new);
	OK(contact != NULL && is_new && contact->outcome == CONTACT_PENDING,
	    "the first packet opens a pending contact");
	OK(contacts_get(contacts, &key, &is_new) == contact && !is_new,
	    "a retransmission is the same contact");
	OK(contacts_find(contacts, &key) == contact, "it is found");
	contacts_free(contacts);
}

/* What makes another contact: each row changes one thing of the key. */
static const struct {
	const char *name;
	struct contact_key key;
} others[] = {
    {"another port", {.source = {{[10] = 0xff, 0xff, 10, 0, 0, 1}},
			 .target = {{[10] = 0xff, 0xff, 10, 0, 0, 2}},
			 .port = 23,
			 .protocol = 6}},
    {"another protocol", {.source = {{[10] = 0xff, 0xff, 10, 0, 0, 1}},
			     .target = {{[10] = 0xff, 0xff, 10, 0, 0, 2}},
			     .port = 22,
			     .protocol = 17}},
    {"another target", {.source = {{[10] = 0xff, 0xff, 10, 0, 0, 1}},
			   .target = {{[10] = 0xff, 0xff, 10, 0, 0, 3}},
			   .port = 22,
			   .protocol = 6}},
    {"the other direction", {.source = {{[10] = 0xff, 0xff, 10, 0, 0, 2}},
				.target = {{[10] = 0xff, 0xff, 10, 0, 0, 1}},
				.port = 22,
				.protocol = 6}},
    {"the same in a drill", {.source = {{[10] = 0xff, 0xff, 10, 0, 0, 1}},
				.target = {{[10] = 0xff, 0xff, 10, 0, 0, 2}},
				.port = 22,
				.protocol = 6,
				.drill = 1}},
    {"the same numbers in IPv6", {.source = {{[12] = 10, 0, 0, 1}},
				     .target = {{[12] = 10, 0, 0, 2}},
				     .port = 22,
				     .protocol = 6}},
};

static void test_keys(void)
{
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct contacts *contacts = contacts_new(ROOM, 1, NULL);
		const struct contact_key key = key_of(1, 2, 22);
		bool is_new = false;
		const struct contact *first = contacts_get(contacts, &key, &is_new);
		const struct contact *second = contacts_get(contacts, &others[i].key, &is_new);
		OK(first != NULL && second != NULL && first != second && is_new, others[i].name);
		contacts_free(contacts);
	}
}

static void judge(void *context, struct contact *contact)
{
	unsigned *judged = context;
	contact->outcome = CONTACT_SILENT;
	(*judged)++;
}

static const struct {
	const char *name;
	int64_t now_us;
	int64_t timeout_us;
	unsigned judged; /* of contacts begun at 0 s, 1 s and 2 s */
} clocks[] = {
    {"one microsecond before the time is up", 5 * SECOND - 1, 5 * SECOND, 0},
    {"when the time is up", 5 * SECOND, 5 * SECOND, 1},
    {"two later ones", 6 * SECOND, 5 * SECOND, 2},
    {"long after", 1000 * SECOND, 5 * SECOND, 3},
    {"at the end of the input", 0, 0, 3},
    {"a clock that fell back leaves contacts in the future", -4 * SECOND, 5 * SECOND, 2},
    {"by less than the time to wait", -2 * SECOND, 5 * SECOND, 0},
};

static void test_expire(void)
{
	for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
		struct contacts *contacts = contacts_new(ROOM, 1, NULL);
		for (uint32_t target = 0; target < 3; target++)
			(void)open_at(contacts, 2 + target, (int64_t)target * SECOND);
		unsigned judged = 0;
		contacts_expire(contacts, clocks[i].now_us, clocks[i].timeout_us, judge, &judged);
		OK(judged == clocks[i].judged, clocks[i].name);
		contacts_free(contacts);
	}
}

static void test_judged_once(void)
{
	struct contacts *contacts = contacts_new(ROOM, 1, NULL);
	struct contact *answered = open_at(contacts, 2, 0);
	(void)open_at(contacts, 3, 0);
	answered->outcome = CONTACT_ANSWERED;
	unsigned judged = 0;
	contacts_expire(contacts, 0, 0, judge, &judged);
	OK(judged == 1 && answered->outcome == CONTACT_ANSWERED, "who was answered is not judged");
	contacts_expire(contacts, 0, 0, judge, &judged);
	OK(judged == 1, "nobody is judged twice");
	contacts_free(contacts);
}

/* One more than there is room for: those with an outcome go first, the oldest of them. */
static void test_room(void)
{
	struct contacts *contacts = contacts_new(ROOM, 1, NULL);
	for (uint32_t i = 0; i < ROOM; i++) {
		struct contact *contact = open_at(contacts, 2 + i, (int64_t)i * SECOND);
		if (i < ROOM / 2)
			contact->outcome = CONTACT_ANSWERED;
	}
	OK(contacts_evicted(contacts) == 0, "the table holds what it promises");
	OK(open_at(contacts, 2 + ROOM, ROOM * SECOND) != NULL, "one more finds room");
	const struct contact_key oldest = key_of(1, 2, 22);
	const struct contact_key pending = key_of(1, 2 + ROOM / 2, 22);
	OK(contacts_find(contacts, &oldest) == NULL && contacts_evicted(contacts) == ROOM / 4,
	    "half of the judged went, the oldest, and is counted");
	OK(contacts_find(contacts, &pending) != NULL, "who still waits for an answer stays");
	contacts_free(contacts);
}

static void test_room_for_none(void)
{
	struct contacts *contacts = contacts_new(ROOM, 1, NULL);
	for (uint32_t i = 0; i < ROOM; i++)
		(void)open_at(contacts, 2 + i, 0);
	OK(open_at(contacts, 2 + ROOM, 0) == NULL && contacts_evicted(contacts) == 1,
	    "where all still wait there is no room, which is counted");
	unsigned judged = 0;
	contacts_expire(contacts, 0, 0, judge, &judged);
	OK(judged == ROOM, "and all are judged in the end");
	contacts_free(contacts);
}

static void test_pairs(void)
{
	struct contacts *contacts = contacts_new(ROOM, 1, NULL);
	const struct address a = host(1);
	const struct address b = host(2);
	OK(!contacts_has_sent(contacts, &a, &b, false), "strangers have sent nothing");
	contacts_note_pair(contacts, &b, &a, false, 0);
	OK(contacts_has_sent(contacts, &b, &a, false), "the higher address sent");
	OK(!contacts_has_sent(contacts, &a, &b, false), "the lower one did not");
	OK(!contacts_has_sent(contacts, &b, &a, true), "it has not asked");
	contacts_note_pair(contacts, &a, &b, true, 0);
	OK(contacts_has_sent(contacts, &a, &b, true), "the lower address asked");
	OK(contacts_has_sent(contacts, &a, &b, false), "who asks has sent");
	OK(!contacts_has_sent(contacts, &b, &a, true), "the other still has not asked");
	contacts_note_pair(contacts, &a, &b, false, 0);
	OK(contacts_has_sent(contacts, &a, &b, true), "what was asked stays asked");
	contacts_free(contacts);
}

static void test_pairs_room(void)
{
	struct contacts *contacts = contacts_new(ROOM, 1, NULL);
	const struct address us = host(1);
	for (uint32_t i = 0; i <= ROOM; i++) {
		const struct address other = host(2 + i);
		contacts_note_pair(contacts, &us, &other, true, (int64_t)i * SECOND);
	}
	const struct address oldest = host(2);
	const struct address latest = host(2 + ROOM);
	OK(!contacts_has_sent(contacts, &us, &oldest, true), "the pair not heard for longest goes");
	OK(contacts_has_sent(contacts, &us, &latest, true), "the latest stays");
	OK(contacts_evicted(contacts) == ROOM / 2, "half of them went, and is counted");
	OK(contacts_bytes(contacts) > 0, "memory is accounted for");
	contacts_free(contacts);
}

/* A table full of what one rank opened; another asks for one more. */
static const struct {
	const char *name;
	enum rank holder;
	enum rank asker;
	bool pending;
	bool finds_room;
} ranks[] = {
    {"strangers make room for strangers", RANK_STRANGER, RANK_STRANGER, false, true},
    {"not while they wait for an answer", RANK_STRANGER, RANK_STRANGER, true, false},
    {"for members even then", RANK_STRANGER, RANK_MEMBER, true, true},
    {"for marked ones too", RANK_STRANGER, RANK_MARKED, true, true},
    {"marked ones make none for strangers", RANK_MARKED, RANK_STRANGER, false, false},
    {"but for members", RANK_MARKED, RANK_MEMBER, true, true},
    {"members make none for strangers", RANK_MEMBER, RANK_STRANGER, false, false},
    {"nor for marked ones", RANK_MEMBER, RANK_MARKED, false, false},
    {"but for members", RANK_MEMBER, RANK_MEMBER, false, true},
};

static void test_ranks(void)
{
	for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
		struct contacts *contacts = contacts_new(ROOM, 1, NULL);
		contacts_set_rank(contacts, ranks[i].holder);
		uint32_t held = ROOM - (uint32_t)rank_leaves(ranks[i].holder, ROOM);
		for (uint32_t n = 0; n < held; n++) {
			struct contact *contact = open_at(contacts, 2 + n, 0);
			contact->outcome = ranks[i].pending ? CONTACT_PENDING : CONTACT_SILENT;
		}
		if (ranks[i].holder != RANK_MEMBER) { /* fill what is left for members */
			contacts_set_rank(contacts, RANK_MEMBER);
			for (uint32_t n = held; n < ROOM; n++)
				(void)open_at(contacts, 2 + n, 0);
		}
		contacts_set_rank(contacts, ranks[i].asker);
		OK((open_at(contacts, 2 + ROOM, SECOND) != NULL) == ranks[i].finds_room,
		    ranks[i].name);
		unsigned judged = 0;
		contacts_expire(contacts, 0, 0, judge, &judged);
		OK(judged <= ROOM, "who went is judged no more");
		contacts_free(contacts);
	}
}

static void test_left_to_members(void)
{
	static const struct {
		enum rank rank;
		uint32_t held;
	} rows[] = {
	    {RANK_STRANGER, ROOM - ROOM / 8}, {RANK_MARKED, ROOM - ROOM / 16}, {RANK_MEMBER, ROOM}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct contacts *contacts = contacts_new(ROOM, 1, NULL);
		contacts_set_rank(contacts, rows[i].rank);
		uint32_t held = 0;
		while (held <= ROOM && open_at(contacts, 2 + held, 0) != NULL)
			held++;
		OK(held == rows[i].held, "an eighth is left to others, and to members half of it");
		contacts_free(contacts);
	}
}

/* A stranger's packets to as many of our machines as there is room for pairs, and one of ours. */
static void test_blind(void)
{
	struct contacts *contacts = contacts_new(ROOM, 1, NULL);
	const struct address us = host(1);
	const struct address unknown = host(1000);
	contacts_set_rank(contacts, RANK_STRANGER);
	for (uint32_t i = 0; i < ROOM / 2; i++) {
		const struct address other = host(2 + i);
		contacts_note_pair(contacts, &other, &us, true, 0);
	}
	contacts_set_rank(contacts, RANK_MEMBER);
	OK(!contacts_has_sent(contacts, &unknown, &us, true), "with room enough nobody is unknown");
	contacts_set_rank(contacts, RANK_STRANGER);
	for (uint32_t i = 0; i < ROOM; i++) {
		const struct address other = host(2 + i);
		contacts_note_pair(contacts, &other, &us, true, SECOND);
	}
	OK(!contacts_has_sent(contacts, &us, &unknown, true),
	    "what is not known of a member did not happen");
	contacts_set_rank(contacts, RANK_MEMBER);
	OK(contacts_has_sent(contacts, &unknown, &us, true),
	    "but a stranger who found no room may have asked");
	contacts_note_pair(contacts, &us, &us, true, 11 * SECOND);
	OK(!contacts_has_sent(contacts, &unknown, &us, true), "ten seconds later no more");
	contacts_free(contacts);
}

int main(void)
{
	test_get();
	test_keys();
	test_expire();
	test_judged_once();
	test_room();
	test_room_for_none();
	test_pairs();
	test_pairs_room();
	test_ranks();
	test_left_to_members();
	test_blind();
	contacts_free(NULL);
	return test_done();
}

/* When memory is used up: strangers' light subjects go first, members' last, and all is counted. */
#include "detect/ledger.h"

#include "ledger_help.h"
#include "test.h"

enum {
	ROOM = 1024,       /* tracks and subjects of the smallest ledger */
	NEARLY_FULL = 850, /* from here on room is made ... */
	KEPT = 649,        /* ... and so many stay */
	FLOODED_PORTS = 3,
};

#define LIGHT_NET UINT32_C(0x0b000000)
#define HEAVY_NET UINT32_C(0x0c000000)
#define TOWN_NET  UINT32_C(0x0a000000)

/* The smallest ledger; 10.0.0.0/8 is the member's. */
static void open_small_desk(struct desk *desk)
{
	open_desk_with(desk, "10.0.0.0/8", "198.18.0.0/24", (size_t)4 << 18);
}

/* Subjects first..first+count of a network, each with its targets, at the second of its number. */
static void add_subjects(struct desk *desk, uint32_t first, uint32_t count, uint32_t targets)
{
	for (uint32_t n = first; n < first + count; n++) {
		struct sighting sighting = make_sighting(n, SIGHTING_REQUEST, TCP, 0);
		for (uint32_t target = 0; target < targets; target++)
			add_target(desk, &sighting, DARK_NET + target, ITEM_DARK);
		int64_t second = (int64_t)(n & 0xfff) % 60;
		add_packets(&sighting, sighting.window_us + second * WHEN_SECOND_US, 1);
		sighting.last_us = BASE_US + (int64_t)(n & 0xffff) * WHEN_SECOND_US;
		hand_over(desk, &sighting);
	}
}

struct population {
	size_t light;
	size_t heavy;
	size_t town;
	uint32_t oldest_light; /* the lowest number left */
	uint32_t oldest_heavy;
	uint32_t oldest_town;
};

static void note(uint32_t address, size_t *count, uint32_t *oldest)
{
	uint32_t number = address & 0xffff;
	++*count;
	if (number < *oldest)
		*oldest = number;
}

static struct population count_subjects(const struct desk *desk)
{
	struct population population = {0, 0, 0, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	size_t position = 0;
	const struct subject *subject;
	while ((subject = ledger_next_subject(desk->ledger, &position)) != NULL) {
		uint32_t address = address_low32(&subject->address);
		if (address >> 24 == LIGHT_NET >> 24)
			note(address, &population.light, &population.oldest_light);
		else if (address >> 24 == HEAVY_NET >> 24)
			note(address, &population.heavy, &population.oldest_heavy);
		else
			note(address, &population.town, &population.oldest_town);
	}
	return population;
}

static void end_window(struct desk *desk)
{
	ledger_end_window(desk->ledger, BASE_US);
}

static void test_order(void)
{
	struct desk desk;
	open_small_desk(&desk);
	add_subjects(&desk, TOWN_NET, 200, 1);
	add_subjects(&desk, HEAVY_NET, 100, 4);
	add_subjects(&desk, LIGHT_NET, NEARLY_FULL - 300 - 1, 2);
	end_window(&desk);
	struct population now = count_subjects(&desk);
	OK(now.town == 200 && now.heavy == 100 && now.light == NEARLY_FULL - 301 &&
		ledger_evicted(desk.ledger) == 0,
	    "one below nearly full nothing goes");

	add_subjects(&desk, LIGHT_NET + NEARLY_FULL - 301, 1, 2);
	end_window(&desk);
	now = count_subjects(&desk);
	OK(now.town == 200 && now.heavy == 100 && now.light == KEPT - 300 &&
		now.oldest_light == NEARLY_FULL - KEPT,
	    "then the longest quiet strangers with one or two targets");
	OK(ledger_evicted(desk.ledger) == NEARLY_FULL - KEPT, "which is counted");

	add_subjects(&desk, HEAVY_NET + 100, NEARLY_FULL - KEPT, 4);
	end_window(&desk);
	now = count_subjects(&desk);
	OK(now.town == 200 && now.heavy == 100 + NEARLY_FULL - KEPT &&
		now.light == 2 * KEPT - NEARLY_FULL - 300,
	    "light ones go before those that touched more");

	uint64_t before = ledger_evicted(desk.ledger);
	for (uint32_t first = 200; first < 500; first += 150) {
		add_subjects(&desk, TOWN_NET + first, 150, 1);
		end_window(&desk);
	}
	now = count_subjects(&desk);
	size_t gone = NEARLY_FULL - KEPT - (size_t)(2 * KEPT - NEARLY_FULL - 300);
	OK(now.town == 500 && now.light == 0 && now.oldest_heavy > 0 &&
		now.heavy == 100 + NEARLY_FULL - KEPT - gone,
	    "then strangers that touched more, the longest quiet first");
	OK(ledger_evicted(desk.ledger) > before, "counted as well");
	close_desk(&desk);
}

static void test_members(void)
{
	struct desk desk;
	open_small_desk(&desk);
	add_subjects(&desk, TOWN_NET, NEARLY_FULL, 1);
	end_window(&desk);
	struct population now = count_subjects(&desk);
	OK(now.town == KEPT && now.oldest_town == NEARLY_FULL - KEPT,
	    "members' go when nothing else is left, the longest quiet first");
	close_desk(&desk);
}

/* A stranger with one target that nobody should forget lightly. */
static void test_weight(void)
{
	struct desk desk;
	open_small_desk(&desk);
	struct sighting marked = make_sighting(HEAVY_NET, SIGHTING_REQUEST, TCP, 0);
	marked.marks[TOOL_MIRAI] = 1;
	add_target(&desk, &marked, DARK_NET, ITEM_DARK);
	add_packets(&marked, marked.window_us, 1);
	hand_over(&desk, &marked);
	add_subjects(&desk, LIGHT_NET + 1, NEARLY_FULL, 1);
	end_window(&desk);
	struct population now = count_subjects(&desk);
	OK(now.heavy == 1 && now.light < NEARLY_FULL, "a 32-bit mark weighs more than one target");
	close_desk(&desk);
}

/* Within a window, too. */
static void test_full(void)
{
	struct desk desk;
	open_small_desk(&desk);
	add_subjects(&desk, LIGHT_NET, NEARLY_FULL + 1, 1);
	struct population now = count_subjects(&desk);
	OK(now.light == KEPT + 1 && ledger_evicted(desk.ledger) == NEARLY_FULL - KEPT,
	    "room is made before the next one comes, and counted");
	for (int64_t window = 0; window < 50; window++) {
		end_window(&desk);
		add_subjects(&desk, LIGHT_NET + (uint32_t)window * 100, 100, 1);
	}
	now = count_subjects(&desk);
	OK(now.light <= ROOM && now.oldest_light > 3500, "window after window the newest stay");
	close_desk(&desk);
}

/* Members' machines that only received, from so many senders each. */
static void add_receivers(struct desk *desk, uint32_t first, uint32_t count, uint32_t senders)
{
	for (uint32_t n = first; n < first + count; n++) {
		struct sighting sighting = make_sighting(n, SIGHTING_FLOODED, TCP, 0);
		for (uint32_t sender = 0; sender < senders; sender++)
			add_target(desk, &sighting, LIGHT_NET + 0x8000 + sender, 0);
		add_packets(&sighting, sighting.window_us, senders);
		hand_over(desk, &sighting);
	}
}

static void test_receivers(void)
{
	struct desk desk;
	open_small_desk(&desk);
	add_receivers(&desk, TOWN_NET + 0x1000, 1, 100);
	add_subjects(&desk, TOWN_NET, 100, 1);
	add_receivers(&desk, TOWN_NET + 0x2000, 20 * ROOM, 3);
	struct population now = count_subjects(&desk);
	OK(now.oldest_town == 0 && find_subject(&desk, TOWN_NET + 99) != NULL,
	    "a flood over all addresses of a member costs none that did something");
	OK(find_subject(&desk, TOWN_NET + 0x1000) != NULL, "nor the one that is flooded most");
	close_desk(&desk);
}

/* Each kind alone, past the room: what it leaves to others. */
static void test_shares(void)
{
	static const struct {
		const char *name;
		uint32_t subject;
		enum tool tool;
		uint64_t marks;
		size_t most;
	} rows[] = {
	    {"strangers leave an eighth", LIGHT_NET, TOOL_ZMAP, 9, ROOM - ROOM / 8},
	    {"one strong mark is chance", LIGHT_NET, TOOL_MIRAI, 1, ROOM - ROOM / 8},
	    {"strangers with two leave half of it", LIGHT_NET, TOOL_MIRAI, 2, ROOM - ROOM / 16},
	    {"members need leave nothing", TOWN_NET, TOOL_ZMAP, 0, ROOM},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct desk desk;
		open_small_desk(&desk);
		/* one subject that fills its share, so that others need not make room */
		size_t most = 0;
		for (uint32_t n = 0; n < 3 * ROOM; n++) {
			struct sighting sighting =
			    make_sighting(rows[i].subject + n, SIGHTING_REQUEST, TCP, 0);
			sighting.marks[rows[i].tool] = rows[i].marks;
			add_packets(&sighting, sighting.window_us, 1);
			hand_over(&desk, &sighting);
			struct population now = count_subjects(&desk);
			size_t all = now.light + now.heavy + now.town;
			most = all > most ? all : most;
		}
		OK(most <= rows[i].most && most >= NEARLY_FULL, rows[i].name);
		close_desk(&desk);
	}
}

/* What one machine asks for fills half of the tracks at most. */
static void test_ports(void)
{
	struct desk desk;
	open_small_desk(&desk);
	add_subjects(&desk, TOWN_NET + 1, 100, 1);
	for (uint16_t port = 0; port < 3 * ROOM; port++) {
		struct sighting sighting = make_sighting(TOWN_NET, SIGHTING_REQUEST, TCP, 0);
		sighting.key.port = port;
		add_packets(&sighting, sighting.window_us, 1);
		hand_over(&desk, &sighting);
	}
	OK(find_subject(&desk, TOWN_NET)->track_count == ROOM / 2, "half of all tracks");
	OK(count_subjects(&desk).town == 101 && ledger_evicted(desk.ledger) == 3 * ROOM - ROOM / 2,
	    "which costs no other, and is counted");
	close_desk(&desk);
}

/* Targets fill their memory long before there are too many tracks. */
static void test_targets(void)
{
	struct desk desk;
	open_desk_with(&desk, "10.0.0.0/8", "198.18.0.0/24", (size_t)8 << 20);
	for (uint32_t round = 0; round < 20; round++)
		add_subjects(&desk, LIGHT_NET + round * 0x100, 20, 200);
	bool whole = true;
	add_subjects(&desk, TOWN_NET, 5, 200);
	for (uint32_t n = 0; n < 5; n++) {
		const struct subject *subject = find_subject(&desk, TOWN_NET + n);
		whole = whole && subject != NULL &&
			address_set_is_exact(&subject->tracks->sum.targets) &&
			address_set_distinct(&subject->tracks->sum.targets) == 200;
	}
	OK(whole, "members find room for what they touched though strangers filled theirs");
	OK(ledger_evicted(desk.ledger) > 0, "for which strangers went");
	close_desk(&desk);
}

/* Machines that answered: strangers' go, ours and dark ones that answered stay. */
static void test_many_hosts(void)
{
	struct desk desk;
	open_small_desk(&desk);
	bool inferred;
	for (uint32_t n = 0; n < 20 * ROOM; n++) {
		bool ours = n < 100;
		struct host host = {
		    .address = address_from_v4_u32(ours ? TOWN_NET + 2 * n : LIGHT_NET + n),
		    .flags = HOST_SENT | HOST_ANSWERED};
		ledger_add_host(desk.ledger, &host);
	}
	const struct address silent = address_from_v4_u32(TOWN_NET + 1);
	OK(ledger_is_dark(desk.ledger, &silent, &inferred), "strangers do not end inference");
	bool known = true;
	for (uint32_t n = 0; n < 100; n++) {
		const struct address address = address_from_v4_u32(TOWN_NET + 2 * n);
		known = known && !ledger_is_dark(desk.ledger, &address, &inferred);
	}
	OK(known, "nor cost what is known of ours");
	OK(ledger_evicted(desk.ledger) > 10 * ROOM, "and are counted");
	close_desk(&desk);
}

/* What one subject holds goes with it, whole. */
static void test_whole(void)
{
	struct desk desk;
	open_small_desk(&desk);
	for (uint16_t port = 0; port < FLOODED_PORTS; port++) {
		struct sighting sighting = make_sighting(TOWN_NET, SIGHTING_FLOODED, TCP, 0);
		sighting.key.port = port;
		for (uint32_t n = 0; n < 4; n++)
			add_target(&desk, &sighting, LIGHT_NET + n, 0);
		add_packets(&sighting, sighting.window_us, 4);
		hand_over(&desk, &sighting);
	}
	add_subjects(&desk, TOWN_NET + 1, NEARLY_FULL, 1);
	end_window(&desk);
	bool gone = find_subject(&desk, TOWN_NET) == NULL;
	OK(gone && ledger_evicted(desk.ledger) ==
		       count_subjects(&desk).oldest_town - 1 + FLOODED_PORTS + 1 /* all ports */,
	    "a subject goes with all its tracks, and each is counted");
	close_desk(&desk);
}

static void test_hosts(void)
{
	struct desk desk;
	open_small_desk(&desk);
	bool inferred = false;
	struct host host = {.address = address_from_v4_u32(TOWN_NET + 7), .flags = HOST_SENT};
	const struct address silent = address_from_v4_u32(TOWN_NET + 8);
	const struct address declared = address_from_v4_u32(DARK_NET + 8);
	const struct address group = address_from_v4_u32(0xe0000001);
	ledger_add_host(desk.ledger, &host);
	OK(!ledger_is_dark(desk.ledger, &host.address, &inferred), "who sent is not dark");
	OK(ledger_is_dark(desk.ledger, &silent, &inferred) && inferred,
	    "a member's address that never sent is inferred to be");
	OK(ledger_is_dark(desk.ledger, &declared, &inferred) && !inferred, "a declared one is");
	OK(!ledger_is_dark(desk.ledger, &group, &inferred), "a group is not");
	host = (struct host){.address = declared, .flags = HOST_SENT};
	ledger_add_host(desk.ledger, &host);
	OK(ledger_is_dark(desk.ledger, &declared, &inferred),
	    "a declared one stays dark when somebody forges its address");
	host.flags = HOST_ANSWERED;
	ledger_add_host(desk.ledger, &host);
	OK(!ledger_is_dark(desk.ledger, &declared, &inferred), "but not when it answers");
	for (uint32_t n = 0; n < 4 * ROOM; n++) {
		host = (struct host){
		    .address = address_from_v4_u32(TOWN_NET + 100 + n), .flags = HOST_SENT};
		ledger_add_host(desk.ledger, &host);
	}
	OK(!ledger_is_dark(desk.ledger, &silent, &inferred) && ledger_evicted(desk.ledger) > 0,
	    "once hosts found no room nothing is inferred");
	const struct address other = address_from_v4_u32(DARK_NET + 9);
	OK(ledger_is_dark(desk.ledger, &other, &inferred), "declared ones stay");
	close_desk(&desk);
}

int main(void)
{
	test_order();
	test_members();
	test_weight();
	test_full();
	test_whole();
	test_hosts();
	test_receivers();
	test_shares();
	test_ports();
	test_targets();
	test_many_hosts();
	return test_done();
}

/* The findings of a run: as many as there is room for, the weightiest. */
#include "alert/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "registry/registry.h"
#include "test.h"

enum {
	ROOM = 8,
	MANY = 40,
	RANDOM_CASES = 200,
	TOWN = 0,
};

/* Room for so many and a half. */
static size_t bytes_for(size_t count)
{
	return (2 * count + 1) * (sizeof(struct finding) + 96) / 2;
}

static struct finding make(int member, enum severity severity, uint64_t packets, uint32_t number)
{
	return (struct finding){
	    .rule = RULE_SCAN_DARK,
	    .member = member,
	    .severity = severity,
	    .packets = packets,
	    .subject = address_from_v4_u32(number),
	};
}

/* Nine findings, one too many: which goes? */
static const struct {
	const char *name;
	struct {
		int member;
		enum severity severity;
		uint64_t packets;
	} first; /* of one */
	struct {
		int member;
		enum severity severity;
		uint64_t packets;
	} others; /* of eight, numbered from 1 on */
	bool first_goes;
} choices[] = {
    {"a stranger goes before members", {MEMBER_NONE, SEVERITY_CRITICAL, 9},
	{TOWN, SEVERITY_INFO, 1}, true},
    {"no member goes before strangers", {TOWN, SEVERITY_INFO, 1}, {MEMBER_NONE, SEVERITY_HIGH, 9},
	false},
    {"of strangers the lowest severity", {MEMBER_NONE, SEVERITY_INFO, 9},
	{MEMBER_NONE, SEVERITY_LOW, 1}, true},
    {"of the same severity the fewest packets", {MEMBER_NONE, SEVERITY_LOW, 8},
	{MEMBER_NONE, SEVERITY_LOW, 9}, true},
    {"of members as well", {TOWN, SEVERITY_LOW, 8}, {TOWN, SEVERITY_LOW, 9}, true},
    {"of equals the last in the order of output", {TOWN, SEVERITY_LOW, 9}, {TOWN, SEVERITY_LOW, 9},
	false},
};

static bool is_kept(const struct findings *findings, uint32_t number)
{
	const struct address wanted = address_from_v4_u32(number);
	for (size_t i = 0; i < findings->count; i++)
		if (address_equal(&findings->all[i].subject, &wanted))
			return true;
	return false;
}

static void test_choices(void)
{
	for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
		bool good = true;
		for (uint32_t place = 0; place <= ROOM; place++) {
			struct findings findings;
			findings_init(&findings, bytes_for(ROOM));
			for (uint32_t n = 0; n <= ROOM; n++) {
				struct finding finding = make(choices[i].others.member,
				    choices[i].others.severity, choices[i].others.packets, n + 1);
				if (n == place)
					finding = make(choices[i].first.member,
					    choices[i].first.severity, choices[i].first.packets, 0);
				good = good && findings_add(&findings, &finding) == 0;
			}
			good = good && findings.count == ROOM && findings.omitted == 1 &&
			       is_kept(&findings, 0) != choices[i].first_goes;
			findings_release(&findings);
		}
		OK(good, choices[i].name);
	}
}

static int compare_weight(const void *a, const void *b)
{
	const struct finding *x = a;
	const struct finding *y = b;
	bool x_member = x->member != MEMBER_NONE;
	bool y_member = y->member != MEMBER_NONE;
	if (x_member != y_member)
		return x_member ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	return finding_compare(x, y);
}

static int compare_output(const void *a, const void *b)
{
	return finding_compare(a, b);
}

/* Against sorting all and taking the first of them. */
static bool agrees(struct random *random)
{
	static struct finding all[MANY];
	size_t count = 1 + random_below(random, MANY);
	size_t room = 1 + random_below(random, MANY);
	struct findings findings;
	findings_init(&findings, bytes_for(room));
	for (size_t i = 0; i < count; i++) {
		int member = (int)random_below(random, 3) - 1;
		all[i] = make(member, (enum severity)random_below(random, SEVERITY_COUNT),
		    random_below(random, 4), (uint32_t)i);
		if (findings_add(&findings, &all[i]) != 0)
			abort();
	}
	qsort(all, count, sizeof all[0], compare_weight);
	size_t kept = count < room ? count : room;
	qsort(all, kept, sizeof all[0], compare_output);
	findings_sort(&findings);
	bool good = findings.count == kept && findings.omitted == count - kept;
	for (size_t i = 0; i < kept && good; i++)
		good = compare_output(&findings.all[i], &all[i]) == 0;
	findings_release(&findings);
	return good;
}

static void test_random(void)
{
	struct random random;
	bool good = true;
	random_init(&random, 20260303);
	for (int i = 0; i < RANDOM_CASES; i++)
		good = good && agrees(&random);
	OK(good, "the weightiest stay, sorted for output, whatever order they came in");
}

static void test_least_room(void)
{
	struct findings findings;
	findings_init(&findings, 0);
	const struct finding light = make(MEMBER_NONE, SEVERITY_LOW, 1, 1);
	const struct finding heavy = make(TOWN, SEVERITY_HIGH, 1, 2);
	bool added = findings_add(&findings, &light) == 0 && findings_add(&findings, &heavy) == 0;
	OK(added && findings.count == 1 && findings.omitted == 1 && is_kept(&findings, 2),
	    "one finding always has room");
	findings_release(&findings);
	OK(findings.all == NULL && findings.count == 0, "released");
	findings_release(&findings);
	findings_init(&findings, SIZE_MAX);
	OK(findings.room <= UINT32_MAX, "numbers of 32 bits reach them all");
	findings_release(&findings);
}

int main(void)
{
	test_choices();
	test_random();
	test_least_room();
	return test_done();
}

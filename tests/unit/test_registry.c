#include "registry/registry.h"

#include <errno.h>
#include <string.h>

#include "test.h"

/* In order: members are given as "NAME=PREFIXES", dark ranges as "dark PREFIXES". */
enum {
	STEPS = 4
};

#define PREFIX_EXPECTED "expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or 2001:db8::/32"
#define HOST_BITS                                                                                  \
	"bits are set past the length, expected the range's first address such as 192.0.2.0/24"
#define NAME_EXPECTED                                                                              \
	"expected a name of 1 to 127 bytes of UTF-8 without control characters, comma or '='"
#define TEN_BYTES      "0123456789"
#define FIFTY_BYTES    TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES TEN_BYTES
#define NAME_127_BYTES FIFTY_BYTES FIFTY_BYTES TEN_BYTES TEN_BYTES "0123456"

static const struct {
	const char *name;
	const char *steps[STEPS];
	const char *complaint; /* of the last step; NULL when all go well */
} claims[] = {
    {"two members", {"a=192.0.2.0/24", "b=198.51.100.0/24"}, NULL},
    {"a member in two steps", {"a=192.0.2.0/24", "a=2001:db8::/32"}, NULL},
    {"the same prefix twice", {"a=192.0.2.0/24,192.0.2.0/24"}, NULL},
    {"its own nested prefixes", {"a=10.0.0.0/8,10.1.0.0/16", "a=10.1.2.3"}, NULL},
    {"neighbours do not overlap", {"a=10.0.0.0/9", "b=10.128.0.0/9"}, NULL},
    {"all of IPv6 and a v4 range", {"a=::/0", "b=10.0.0.0/8"}, NULL},
    {"dark inside a member", {"a=10.0.0.0/8", "dark 10.1.0.0/16"}, NULL},
    {"a Japanese name", {"例の町=192.0.2.0/24"}, NULL},
    {"the longest name", {NAME_127_BYTES "=192.0.2.0/24"}, NULL},

    {"a name one byte longer", {NAME_127_BYTES "7=192.0.2.0/24"},
	"member \"" NAME_127_BYTES "7\": " NAME_EXPECTED},
    {"no name", {"=192.0.2.0/24"}, "member \"\": " NAME_EXPECTED},
    {"a comma in the name", {"a,b=192.0.2.0/24"}, "member \"a,b\": " NAME_EXPECTED},
    {"a name that rings the bell", {"a\a=192.0.2.0/24"}, "member \"a\\x07\": " NAME_EXPECTED},
    {"a C1 control in the name", {"a\xc2\x9b=192.0.2.0/24"},
	"member \"a\\xc2\\x9b\": " NAME_EXPECTED},
    {"a name that is not UTF-8", {"a\xff=192.0.2.0/24"}, "member \"a\\xff\": " NAME_EXPECTED},

    {"an octet past 255", {"example-town=300.1.2.0/24"},
	"member example-town: 300.1.2.0/24: " PREFIX_EXPECTED},
    {"no prefix", {"a="}, "member a: \"\": " PREFIX_EXPECTED},
    {"an empty element", {"a=10.0.0.0/8,,"}, "member a: \"\": " PREFIX_EXPECTED},
    {"a blank before it", {"a=10.0.0.0/8, 10.1.0.0/16"},
	"member a: \" 10.1.0.0/16\": " PREFIX_EXPECTED},
    {"host bits", {"a=10.0.0.1/24"}, "member a: 10.0.0.1/24: " HOST_BITS},
    {"a length past 32", {"a=10.0.0.0/33"},
	"member a: 10.0.0.0/33: expected a length from 0 to 32 after the slash"},
    {"the same prefix of two", {"a=10.0.0.0/8", "b=10.0.0.0/8"},
	"member b: 10.0.0.0/8 overlaps 10.0.0.0/8 of member a, expected addresses that no other "
	"member has"},
    {"a prefix inside another's", {"a=10.0.0.0/8", "b=192.0.2.0/24,10.1.0.0/16"},
	"member b: 10.1.0.0/16 overlaps 10.0.0.0/8 of member a, expected addresses that no other "
	"member has"},
    {"a prefix around another's", {"a=2001:db8:1::/48", "b=2001:db8::/32"},
	"member b: 2001:db8::/32 overlaps 2001:db8:1::/48 of member a, expected addresses that no "
	"other member has"},
    {"dark: not a prefix", {"dark 10.0.0.0/"},
	"dark: 10.0.0.0/: expected a length from 0 to 32 after the slash"},
    {"dark: a multicast range", {"dark 239.1.0.0/16"},
	"dark: 239.1.0.0/16: expected unicast addresses, a group's are never unused"},
    {"dark: an IPv6 group", {"dark ff02::1"},
	"dark: ff02::1/128: expected unicast addresses, a group's are never unused"},
    {"dark: broadcast", {"dark 255.255.255.255"},
	"dark: 255.255.255.255/32: expected unicast addresses, a group's are never unused"},
};

static int apply(struct registry *registry, const char *step, struct complaint *complaint)
{
	static const char dark[] = "dark ";
	if (strncmp(step, dark, strlen(dark)) == 0)
		return registry_add_dark(registry, step + strlen(dark), complaint);
	char name[256] = "";
	const char *equals = strchr(step, '=');
	memcpy(name, step, (size_t)(equals - step));
	return registry_add_member(registry, name, equals + 1, complaint);
}

static void test_claims(void)
{
	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
		struct registry *registry = NULL;
		struct complaint complaint = {""};
		int error = registry_new(&registry);
		for (int step = 0; error == 0 && step < STEPS && claims[i].steps[step] != NULL;
		     step++)
			error = apply(registry, claims[i].steps[step], &complaint);
		bool as_expected =
		    claims[i].complaint == NULL
			? error == 0
			: error == -EINVAL && strcmp(complaint.text, claims[i].complaint) == 0;
		OK(as_expected, claims[i].name);
		if (!as_expected)
			printf("# %d: %s\n", error, complaint.text);
		registry_free(registry);
	}
}

static struct registry *sealed(const char *const steps[], size_t count)
{
	struct registry *registry = NULL;
	struct complaint complaint;
	if (registry_new(&registry) != 0)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (apply(registry, steps[i], &complaint) != 0)
			printf("# %s\n", complaint.text);
	}
	return registry_seal(registry, &complaint) == 0 ? registry : NULL;
}

static const char *const whole[] = {"town=10.0.0.0/8,2001:db8::/32", "school=192.0.2.0/24",
    "town=198.51.100.0/24,10.9.0.0/16", "dark 10.1.0.0/16,10.1.2.0/24", "dark 203.0.113.0/24",
    "dark 2001:db8:dead::/48", "dark 2001:db8:dead::5"};

static const struct {
	const char *address;
	const char *member; /* NULL: of none */
	bool is_dark;
} places[] = {
    {"10.0.0.1", "town", false},
    {"10.1.0.0", "town", true},
    {"10.1.2.255", "town", true},
    {"10.1.255.255", "town", true},
    {"10.2.0.0", "town", false},
    {"10.9.1.1", "town", false},
    {"198.51.100.255", "town", false},
    {"198.51.101.0", NULL, false},
    {"192.0.2.7", "school", false},
    {"203.0.113.7", NULL, true},
    {"8.8.8.8", NULL, false},
    {"0.0.0.0", NULL, false},
    {"255.255.255.255", NULL, false},
    {"2001:db8:1::1", "town", false},
    {"2001:db8:dead::1", "town", true},
    {"2001:db9::", NULL, false},
    {"::", NULL, false},
};

static void test_places(void)
{
	struct registry *registry = sealed(whole, sizeof whole / sizeof whole[0]);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct address address = {{0}};
		(void)address_parse(places[i].address, &address); /* our own rows */
		struct registry_place place = registry_find(registry, &address);
		const char *member = place.member == MEMBER_NONE
					 ? NULL
					 : registry_member_name(registry, place.member);
		bool right = places[i].member == NULL
				 ? member == NULL
				 : member != NULL && strcmp(member, places[i].member) == 0;
		OK(right && place.is_dark == places[i].is_dark &&
			place.member == registry_find_member(registry, &address) &&
			place.is_dark == registry_is_dark(registry, &address),
		    places[i].address);
	}
	OK(registry_member_count(registry) == 2, "two members, however often named");
	OK(registry_dark_v4_count(registry) == 65536 + 256, "nested dark ranges count once");
	OK(registry_has_dark(registry), "dark ranges were declared");
	registry_free(registry);
}

static void test_all_dark(void)
{
	static const char *const steps[] = {"dark 0.0.0.0/0", "dark ::/0", "dark 224.0.0.0/3"};
	static const struct {
		const char *address;
		bool is_dark;
	} rows[] = {{"1.1.1.1", true}, {"223.255.255.255", true}, {"224.0.0.1", false},
	    {"239.255.255.255", false}, {"240.0.0.0", true}, {"255.255.255.254", true},
	    {"255.255.255.255", false}, {"2001:db8::", true}, {"ff02::1", false}};
	struct registry *registry = sealed(steps, sizeof steps / sizeof steps[0]);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address address = {{0}};
		(void)address_parse(rows[i].address, &address); /* our own rows */
		OK(registry_is_dark(registry, &address) == rows[i].is_dark, rows[i].address);
	}
	OK(registry_dark_v4_count(registry) == (UINT64_C(1) << 32) - (UINT64_C(1) << 28) - 1,
	    "all of IPv4 but the groups and broadcast");
	registry_free(registry);
}

static void test_local(void)
{
	static const struct {
		const char *address;
		bool is_local;
	} rows[] = {{"10.255.0.1", true}, {"172.31.255.255", true}, {"172.32.0.0", false},
	    {"192.168.1.1", true}, {"100.64.0.1", true}, {"169.254.1.1", true}, {"fe80::1", true},
	    {"fd00::1", true}, {"2001:db8::1", false}, {"127.0.0.1", false}};
	struct registry *registry = NULL;
	bool good = registry_new(&registry) == 0 && registry_add_local(registry, NULL) == 0 &&
		    registry_seal(registry, NULL) == 0;
	OK(good && strcmp(registry_member_name(registry, 0), "local") == 0, "a member named local");
	for (size_t i = 0; good && i < sizeof rows / sizeof rows[0]; i++) {
		struct address address = {{0}};
		(void)address_parse(rows[i].address, &address); /* our own rows */
		OK((registry_find_member(registry, &address) == 0) == rows[i].is_local &&
			address_is_private(&address) == rows[i].is_local,
		    rows[i].address);
	}
	OK(!registry_has_dark(registry) && registry_dark_v4_count(registry) == 0, "nothing dark");
	registry_free(registry);
}

static void test_refused_leaves_nothing(void)
{
	struct registry *registry = NULL;
	struct address first = address_from_v4_u32(0xc0000201); /* 192.0.2.1 */
	bool good = registry_new(&registry) == 0;
	good = good && registry_add_member(registry, "a", "192.0.2.0/24,x", NULL) == -EINVAL;
	good = good && registry_member_count(registry) == 0;
	good = good && registry_add_member(registry, "b", "192.0.2.0/24", NULL) == 0;
	good = good && registry_add_member(registry, "b", "198.51.100.0/24,x", NULL) == -EINVAL;
	good = good && registry_add_member(registry, "c", "198.51.100.0/24", NULL) == 0;
	good = good && registry_add_dark(registry, "203.0.113.0/24,x", NULL) == -EINVAL;
	good = good && !registry_has_dark(registry) && registry_seal(registry, NULL) == 0;
	OK(good && registry_find_member(registry, &first) == 0 &&
		registry_dark_v4_count(registry) == 0,
	    "a refused list leaves neither member nor claim behind");
	registry_free(registry);
}

/* 65,536 prefixes are taken, the next is not. */
static void test_limit(void)
{
	enum {
		CLAIMS_MAX = 65536
	};
	struct registry *registry = NULL;
	struct complaint complaint = {""};
	int error = registry_new(&registry);
	for (unsigned i = 0; error == 0 && i < CLAIMS_MAX; i++) {
		char prefix[PREFIX_TEXT_BYTES];
		(void)snprintf(prefix, sizeof prefix, "10.%u.%u.0/24", i >> 8, i & 0xffU);
		error = registry_add_dark(registry, prefix, &complaint);
	}
	OK(error == 0, "as many prefixes as may be");
	OK(registry_add_dark(registry, "192.0.2.0/24", &complaint) == -E2BIG &&
		strcmp(complaint.text, "dark: 192.0.2.0/24: expected at most 65536 prefixes") == 0,
	    "one more is refused");
	OK(registry_seal(registry, NULL) == 0 && registry_dark_v4_count(registry) == 1U << 24,
	    "and all of the others count");
	registry_free(registry);
	registry_free(NULL);
}

int main(void)
{
	test_claims();
	test_places();
	test_all_dark();
	test_local();
	test_refused_leaves_nothing();
	test_limit();
	return test_done();
}

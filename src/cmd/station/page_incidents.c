/* page_incidents.c - lists of incidents: what is asked for, and in which order. */
#include "cmd/station/page_incidents.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "alert/incident.h"
#include "cmd/station/finding_record.h"
#include "cmd/station/page_list.h"
#include "cmd/station/page_telling.h"
#include "cmd/station/record_json.h"
#include "cmd/station/roster.h"
#include "observe/sighting.h"

const char *const page_states[] = {
    "new", "notified", "acknowledged", "in-progress", "quiet", "closed", "relapsed", NULL};
const char *const page_severities[] = {"info", "low", "medium", "high", "critical", NULL};
const char *const page_rules[] = {"scan.dark", "scan.sweep", "scan.live", "ddos.victim",
    "ddos.incoming", "ddos.reflector", "config.stray", "spoof.member", NULL};
const char *const page_tools[] = {"mirai", "zmap", "masscan", "nmap", "unicornscan", NULL};

enum order {
	ORDER_URGENCY,
	ORDER_CHANGED,
	ORDER_FIRST,
};
static const char *const orders[] = {
    [ORDER_URGENCY] = "urgency", [ORDER_CHANGED] = "changed", [ORDER_FIRST] = "first", NULL};

#define ALL_STATES     ((INT64_C(1) << INCIDENT_STATE_COUNT) - 1)
#define ALL_SEVERITIES ((INT64_C(1) << SEVERITY_COUNT) - 1)

/* ---- Who may see what ---- */

void page_scope(const struct page_question *question, const char *column,
    struct store_condition conditions[static STORE_CONDITIONS_MAX], size_t *count)
{
	assert(*count < STORE_CONDITIONS_MAX);
	if (question->who->role == PAGE_MEMBER)
		conditions[(*count)++] =
		    (struct store_condition){.column = column, .number = question->who->member_id};
}

bool page_may_see(const struct page_question *question, int64_t member_id)
{
	return question->who->role != PAGE_MEMBER ||
	       (member_id != 0 && question->who->member_id == member_id);
}

/* ---- Addresses as text ---- */

/* "192.0.2." of 192.0.2.0/25, from which to "192.0.2/": a slash is what follows a dot. */
static void range_v4(const struct prefix *prefix, char out[static PAGE_RANGE_BYTES])
{
	const unsigned octets = (prefix->bits - (unsigned)ADDRESS_V4_BITS) / 8;
	const uint8_t *bytes = prefix->address.bytes + ADDRESS_V4_BITS / 8;
	size_t length = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < octets; i++)
		length += (size_t)snprintf(out + length, PAGE_RANGE_BYTES - length, "%u%s",
		    (unsigned)bytes[i], i < 3 ? "." : "");
}

/* "2001:db8:" of 2001:db8::/32: groups that are all given, up to the first that is zero. */
static void range_v6(const struct prefix *prefix, char out[static PAGE_RANGE_BYTES])
{
	const uint8_t *bytes = prefix->address.bytes;
	size_t length = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < prefix->bits / 16U; i++) {
		const unsigned group = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
		if (group == 0)
			return;
		length += (size_t)snprintf(
		    out + length, PAGE_RANGE_BYTES - length, "%x%s", group, i < 7 ? ":" : "");
	}
}

bool page_subject_range(const struct prefix *prefix, char from[static PAGE_RANGE_BYTES],
    char below[static PAGE_RANGE_BYTES])
{
	if (prefix_is_v4(prefix))
		range_v4(prefix, from);
	else
		range_v6(prefix, from);
	const size_t length = strlen(from);
	if (length == 0)
		return false;
	memcpy(below, from, length + 1);
	below[length - 1]++;
	return true;
}

/* ---- What is asked for ---- */

/*
 * What the database finds by an index is a condition of its own; all else is looked at record by
 * record, so that nobody waits for a walk through all that there ever was (page_list.h).
 */
struct asking {
	const struct page_question *question;
	struct page_telling telling;
	struct store_condition conditions[STORE_CONDITIONS_MAX];
	size_t count;
	int64_t member_id; /* of the member that is named, where there is one */
	char address[ADDRESS_TEXT_BYTES];
	int64_t states; /* bits */
	int64_t severities;
	bool is_by_urgency; /* whose walks know these by themselves */
	/* Looked at. */
	const struct prefix *subject; /* NULL: any */
	const char *rule;             /* NULL: any */
	int64_t port;                 /* -1: any, as of the next two */
	int64_t tool;
	int64_t drill;
	int64_t since_us;
	int64_t until_us;
};

static struct store_condition *add(struct asking *asking, const char *column, enum store_test test)
{
	assert(asking->count < STORE_CONDITIONS_MAX);
	struct store_condition *condition = &asking->conditions[asking->count++];
	*condition = (struct store_condition){.column = column, .test = test};
	return condition;
}

static int visit_member(void *context, const void *record)
{
	*(int64_t *)context = ((const struct store_member *)record)->id;
	return 0;
}

/* Of a member that is gone its name is left, in its incidents. */
static int take_member(struct asking *asking, struct complaint *complaint)
{
	const char *name = page_text(asking->question, "member");
	const struct store_query query = {
	    .kind = STORE_MEMBER, .conditions = {{.column = "name", .text = name}}};
	if (name == NULL)
		return 0;
	const int result = store_each(
	    asking->question->store, &query, visit_member, &asking->member_id, complaint);
	if (result != 0)
		return result;
	if (asking->member_id != 0)
		add(asking, "member_id", STORE_IS)->number = asking->member_id;
	else
		add(asking, "member", STORE_IS)->text = name;
	return 0;
}

static void take_subject(struct asking *asking)
{
	const struct page_value *subject = page_value(asking->question, "subject");
	if (subject == NULL)
		return;
	if (subject->prefix.bits != ADDRESS_BITS) {
		asking->subject = &subject->prefix;
		return;
	}
	address_format(&subject->prefix.address, asking->address);
	add(asking, "subject", STORE_IS)->text = asking->address;
}

/* Open is what somebody has to do with: neither quiet nor closed. */
static int64_t open_states(void)
{
	int64_t states = 0;
	for (int i = 0; i < INCIDENT_STATE_COUNT; i++)
		if (incident_is_open((enum incident_state)i))
			states |= INT64_C(1) << i;
	return states;
}

static void take_states(struct asking *asking)
{
	const struct page_value *open = page_value(asking->question, "open");
	asking->states = page_number(asking->question, "state", ALL_STATES);
	asking->severities = page_number(asking->question, "severity", ALL_SEVERITIES);
	if (open != NULL)
		asking->states &= open->number == 1 ? open_states() : ~open_states();
}

static void take_rest(struct asking *asking)
{
	const struct page_question *question = asking->question;
	const struct page_value *rule = page_value(question, "rule");
	asking->rule = rule != NULL ? page_rules[rule->number] : NULL;
	asking->port = page_number(question, "port", -1);
	asking->tool = page_number(question, "tool", -1);
	asking->drill = page_number(question, "drill", -1);
	asking->since_us = page_number(question, "since", INT64_MIN);
	asking->until_us = page_number(question, "until", INT64_MAX);
	/* The station's own tests of the whole way are no incidents of anybody. */
	add(asking, "member_id", STORE_NOT)->number = ROSTER_CANARY_ID;
}

static int take_all(
    struct asking *asking, const struct page_question *question, struct complaint *complaint)
{
	*asking = (struct asking){.question = question,
	    .is_by_urgency = page_number(question, "order", ORDER_URGENCY) == ORDER_URGENCY};
	page_telling_init(&asking->telling, question->world);
	page_scope(question, "member_id", asking->conditions, &asking->count);
	take_states(asking);
	take_subject(asking);
	take_rest(asking);
	return take_member(asking, complaint);
}

/* Whether only a look at a record tells whether it is wanted, besides its state and severity. */
static bool has_more_to_ask(const struct asking *asking)
{
	return asking->subject != NULL || asking->rule != NULL || asking->port >= 0 ||
	       asking->tool >= 0 || asking->drill >= 0 || asking->since_us != INT64_MIN ||
	       asking->until_us != INT64_MAX;
}

static bool is_filtered(const struct asking *asking)
{
	return has_more_to_ask(asking) ||
	       (!asking->is_by_urgency &&
		   (asking->states != ALL_STATES || asking->severities != ALL_SEVERITIES));
}

/* ---- Items ---- */

static bool has_port(const struct finding *finding, int64_t port)
{
	for (size_t i = 0; i < finding->ports_listed; i++)
		if (finding->ports[i].port == port)
			return true;
	return false;
}

static bool is_within(const struct asking *asking, const struct store_incident *incident)
{
	struct address address;
	return asking->subject == NULL || (address_parse(incident->subject, &address) == 0 &&
					      prefix_contains(asking->subject, &address));
}

/* Before all of it is read: whether the word can be in it. */
static bool may_hold(const struct asking *asking, const struct store_incident *incident)
{
	char port[32];
	if (asking->tool >= 0 && strstr(incident->finding, page_tools[asking->tool]) == NULL)
		return false;
	(void)snprintf(port, sizeof port, "\"port\":%lld", (long long)asking->port);
	return asking->port < 0 || strstr(incident->finding, port) != NULL;
}

static bool is_of_state(const struct asking *asking, const struct store_incident *incident)
{
	const int state = incident_state_find(incident->state);
	const int severity = severity_find(incident->severity);
	return state >= 0 && severity >= 0 && (asking->states >> state & 1) != 0 &&
	       (asking->severities >> severity & 1) != 0;
}

static bool is_wanted(
    const struct asking *asking, const struct store_incident *incident, struct finding *finding)
{
	if (!is_of_state(asking, incident) || incident->last_us < asking->since_us ||
	    incident->first_us >= asking->until_us ||
	    (asking->drill >= 0 && incident->drill != (asking->drill == 1)) ||
	    (asking->rule != NULL && strcmp(incident->rule, asking->rule) != 0))
		return false;
	if (!is_within(asking, incident) || !may_hold(asking, incident))
		return false;
	if (asking->port < 0 && asking->tool < 0)
		return true;
	return finding_record_read(incident->finding, finding, NULL) == 0 &&
	       (asking->port < 0 || has_port(finding, asking->port)) &&
	       (asking->tool < 0 || finding->tool == asking->tool);
}

static int write_item(void *context, struct page_list *list, const void *record)
{
	struct asking *asking = context;
	const struct store_incident *incident = record;
	static struct finding finding; /* large */
	if (is_filtered(asking) && !is_wanted(asking, incident, &finding))
		return PAGE_SKIPPED;
	json_open_object(list->json, NULL);
	record_put_incident(list->json, incident);
	json_raw(list->json, "finding", incident->finding);
	if (!asking->question->is_table && page_telling_find(&asking->telling, incident, &finding))
		page_telling_put_short(&asking->telling, list->json, &finding);
	json_close_object(list->json);
	return PAGE_WRITTEN;
}

/* ---- Orders ---- */

static struct page_walk walk_of(struct asking *asking, const char *order)
{
	struct page_walk walk = {
	    .query = {.kind = STORE_INCIDENT, .order = order, .descending = true},
	    .is_filtered = is_filtered(asking),
	    .write = write_item,
	    .context = asking};
	memcpy(walk.query.conditions, asking->conditions, sizeof asking->conditions);
	return walk;
}

/* The names whose bits are set. Returns how many. */
static size_t names_of(int64_t bits, const char *const *names, const char **out)
{
	size_t count = 0;
	for (size_t i = 0; names[i] != NULL; i++)
		if ((bits >> i & 1) != 0)
			out[count++] = names[i];
	return count;
}

/* One of several: adds nothing where all are wanted. */
struct names {
	const char *states[INCIDENT_STATE_COUNT];
	const char *severities[SEVERITY_COUNT];
};

static void add_names(const struct asking *asking, struct names *names, struct page_walk *walk)
{
	struct store_condition *next = &walk->query.conditions[asking->count];
	assert(asking->count + 2 <= STORE_CONDITIONS_MAX);
	const size_t states = names_of(asking->states, page_states, names->states);
	const size_t severities = names_of(asking->severities, page_severities, names->severities);
	if (states < INCIDENT_STATE_COUNT)
		*next++ = (struct store_condition){
		    .column = "state", .test = STORE_IN, .texts = names->states, .count = states};
	if (severities < SEVERITY_COUNT)
		*next = (struct store_condition){.column = "severity",
		    .test = STORE_IN,
		    .texts = names->severities,
		    .count = severities};
}

/*
 * How many there are, where an index tells it. Counted with the station's own tests, which are then
 * taken off: what is not equal to something no index knows.
 */
static int count_all(struct asking *asking, int64_t *ret_total, struct complaint *complaint)
{
	struct names names;
	struct page_walk walk = walk_of(asking, NULL);
	struct store_condition *conditions = walk.query.conditions;
	int64_t all = 0;
	int64_t canaries = 0;
	size_t at = 0;
	*ret_total = -1;
	if (has_more_to_ask(asking))
		return 0;
	add_names(asking, &names, &walk);
	while (conditions[at].test != STORE_NOT)
		at++;
	conditions[at].test = STORE_IS;
	int result = store_count(asking->question->store, &walk.query, &canaries, complaint);
	for (; at + 1 < STORE_CONDITIONS_MAX; at++)
		conditions[at] = conditions[at + 1];
	if (result == 0)
		result = store_count(asking->question->store, &walk.query, &all, complaint);
	if (result == 0)
		*ret_total = all - canaries;
	return result;
}

/*
 * The most urgent first: what nobody has closed, by severity, and what nobody has seen before what
 * somebody works on; then what is quiet, then what is closed. Each state and severity is a walk of
 * its own, in the order of its index.
 */
static const struct {
	enum incident_state states[5];
	size_t count;
} groups[] = {
    {{INCIDENT_NEW, INCIDENT_RELAPSED, INCIDENT_NOTIFIED, INCIDENT_ACKNOWLEDGED,
	 INCIDENT_IN_PROGRESS},
	5},
    {{INCIDENT_QUIET}, 1},
    {{INCIDENT_CLOSED}, 1},
};

/* The next of its walks, from 0 on; `number` is the place. */
static bool walk_by_urgency(
    struct asking *asking, struct page_list *list, int64_t number, size_t group, int *ret_result)
{
	const size_t states = groups[group].count;
	const size_t at = (size_t)number;
	const int severity = SEVERITY_COUNT - 1 - (int)(at / states);
	const enum incident_state state = groups[group].states[at % states];
	struct page_walk walk = walk_of(asking, "changed_us");
	if (severity < 0)
		return false;
	if ((asking->states >> state & 1) == 0 || (asking->severities >> severity & 1) == 0)
		return true;
	walk.first = (int64_t)group * 100 + number;
	if (list->has_place && list->place[0] > walk.first)
		return true;
	walk.query.conditions[asking->count] =
	    (struct store_condition){.column = "state", .text = page_states[state]};
	walk.query.conditions[asking->count + 1] =
	    (struct store_condition){.column = "severity", .text = page_severities[severity]};
	*ret_result = page_list_walk(list, &walk);
	return *ret_result == 0 && !list->has_more;
}

static int write_by_urgency(struct asking *asking, struct page_list *list)
{
	int result = 0;
	for (size_t group = 0; group < sizeof groups / sizeof groups[0]; group++)
		for (int64_t number = 0; result == 0 && !list->has_more; number++)
			if (!walk_by_urgency(asking, list, number, group, &result))
				break;
	return result;
}

static int write_by_time(struct asking *asking, struct page_list *list, const char *column)
{
	const struct page_walk walk = walk_of(asking, column);
	return page_list_walk(list, &walk);
}

static unsigned read_incidents(const struct page_question *question, struct page_answer *answer)
{
	const int64_t order = page_number(question, "order", ORDER_URGENCY);
	struct page_list list;
	static struct asking asking; /* large */
	int64_t total = -1;
	if (!page_list_open(&list, question, answer, order == ORDER_URGENCY ? 3 : 2))
		return answer->problem.status;
	int result = take_all(&asking, question, &answer->complaint);
	if (result == 0 && order == ORDER_URGENCY)
		result = write_by_urgency(&asking, &list);
	else if (result == 0)
		result =
		    write_by_time(&asking, &list, order == ORDER_FIRST ? "first_us" : "changed_us");
	if (result == 0 && !question->is_table)
		result = count_all(&asking, &total, &answer->complaint);
	page_telling_release(&asking.telling);
	if (result != 0)
		return page_broken(answer);
	page_list_close(&list, total);
	return 200;
}

static const struct page_parameter parameters[] = {
    {"member", PAGE_TEXT, 1, MEMBER_NAME_BYTES - 1, NULL, "the name of a member"},
    {"state", PAGE_CHOICES, 0, 0, page_states, "in one of these states"},
    {"severity", PAGE_CHOICES, 0, 0, page_severities, "of one of these severities"},
    {"rule", PAGE_CHOICE, 0, 0, page_rules, "which rule found it"},
    {"subject", PAGE_PREFIX, 0, 0, NULL, "the machine, or a prefix that it is in"},
    {"port", PAGE_NUMBER, 0, 65535, NULL, "a port that its finding lists"},
    {"tool", PAGE_CHOICE, 0, 0, page_tools, "whose mark its finding tells of"},
    {"since", PAGE_TIME, 0, 0, NULL, "seen at that time or later"},
    {"until", PAGE_TIME, 0, 0, NULL, "seen before that time"},
    {"open", PAGE_FLAG, 0, 0, NULL, "1: neither quiet nor closed; 0: one of these"},
    {"drill", PAGE_FLAG, 0, 0, NULL, "1: exercises alone; 0: none"},
    {"order", PAGE_CHOICE, 0, 0, orders, "what comes first (urgency)"},
    {.name = NULL},
};

static const char *const columns[] = {"id", "member", "subject", "rule", "drill", "state", "reason",
    "severity", "first", "last", "opened", "changed", "quiet", "packets", "targets", "port_count",
    "relapses", "told", "finding.role", "finding.shape", "finding.tool.name", "finding.attribution",
    "finding.spoof.estimate", "finding.confidence", "finding.ports", "finding.why", NULL};

const struct page_route page_incident_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/incidents",
	.roles = PAGE_SIGNED_IN,
	.read = read_incidents,
	.summary = "Incidents, each with its finding, in the order of urgency",
	.parameters = parameters,
	.is_list = true,
	.columns = columns},
    {.method = ROUTE_GET,
	.path = "/api/v1/incidents/{id}",
	.roles = PAGE_SIGNED_IN,
	.read = page_incident_read,
	.summary = "One incident: finding, history, letters, advice, what may be done",
	.parts = page_incident_parts},
    {.path = NULL},
};

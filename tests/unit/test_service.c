/* What may be asked of a keeper: members, incidents, exceptions, notices; and what is refused. */
#include "service_help.h"

/* ---- Requests as such ---- */

static void test_form(void)
{
	struct desk desk;
	desk_open(&desk);
	OK(!desk_ask(&desk, "") && desk_says(&desk, "{\"error\":\"no JSON: byte 0: "), "nothing");
	OK(desk_refuses(&desk, "[]",
	       "expected an object with \\\"do\\\", such as {\\\"do\\\":\\\"member.add\\\",...}"),
	    "no object");
	OK(desk_refuses(&desk, "{'do':'member.ad'}",
	       "member.ad: is nothing that can be done, is it member.add?"),
	    "an unknown request");
	OK(desk_refuses(
	       &desk, "{'do':'member.add','nam':'x'}", "nam: is no argument of this, is it name?"),
	    "an unknown argument");
	OK(desk_refuses(&desk, "{'do':'member.add'}", "name: is missing"), "one too few");
	OK(desk_refuses(&desk, "{'do':'member.add','name':''}", "name: is empty, expected a text"),
	    "an empty one");
	OK(desk_refuses(&desk, "{'do':'member.add','name':1}", "name: expected a text"),
	    "another type");
	OK(desk_refuses(&desk, "{'do':'member.add','name':'a\\nb'}",
	       "name: expected one line without control characters"),
	    "a line break");
	OK(desk_refuses(&desk, "{'do':'member.add','name':'a','prefixes':'10.0.0.0/8'}",
	       "prefixes: expected a list of texts"),
	    "no list");
	OK(desk_refuses(
	       &desk, "{'do':'member.add','name':'a','prefixes':[1]}", "prefixes: expected a text"),
	    "a list of others");
	OK(desk_refuses(&desk, "{'do':'contact.resend','contact':0}",
	       "contact: expected a whole number from 1 to 9007199254740992"),
	    "a number below the least");
	OK(desk_refuses(&desk, "{'do':'contact.resend','contact':1.5}",
	       "contact: expected a whole number from 1 to 9007199254740992"),
	    "a number that is not whole");
	OK(desk_refuses(&desk, "{'do':'contact.change','contact':1,'stopped':1}",
	       "stopped: expected true or false"),
	    "no flag");
	OK(desk_refuses(&desk, "{'do':'member.import','members':[7]}", "expected an object"),
	    "no row");
	desk_close(&desk);
}

/* A request of so many bytes, blanks at its end. */
static bool ask_long(struct desk *desk, size_t length)
{
	static const char start[] = "{'do':'member.add','name':'long'}";
	char *text = malloc(length + 1);
	if (text == NULL)
		abort();
	memset(text, ' ', length);
	text[length] = '\0';
	memcpy(text, start, sizeof start - 1);
	bool done = desk_ask(desk, text);
	free(text);
	return done;
}

static void test_length(void)
{
	struct desk desk;
	char note[SERVICE_REQUEST_BYTES_MAX];
	char request[2 * SERVICE_REQUEST_BYTES_MAX];
	desk_open(&desk);
	OK(ask_long(&desk, SERVICE_REQUEST_BYTES_MAX), "a request as long as may be");
	OK(!ask_long(&desk, SERVICE_REQUEST_BYTES_MAX + 1) &&
		desk_says(&desk, "a request of more than 65536 bytes"),
	    "one byte longer");
	memset(note, 'n', sizeof note);
	(void)snprintf(
	    request, sizeof request, "{'do':'member.add','name':'a','note':'%.*s'}", 2000, note);
	OK(desk_ask(&desk, request), "a note as long as may be");
	(void)snprintf(
	    request, sizeof request, "{'do':'member.add','name':'b','note':'%.*s'}", 2001, note);
	OK(desk_refuses(&desk, request, "note: has 2001 bytes, expected at most 2000"),
	    "one byte longer");
	desk_close(&desk);
}

/* ---- Members ---- */

static void test_members(void)
{
	struct desk desk;
	desk_open(&desk);
	OK(keeper_roster(desk.keeper)->is_local, "without members private addresses are watched");
	OK(desk_ask(&desk,
	       "{'do':'member.add','name':'town','prefixes':['198.51.100.0/24','2001:DB8::/32',"
	       "'198.51.100.0/24'],'dark':['198.51.100.128/25'],'note':'by post'}") &&
		desk_says(&desk, "\"name\":\"town\",\"language\":\"ja\",\"zone\":\"Asia/Tokyo\","
				 "\"note\":\"by post\",\"prefixes\":[\"198.51.100.0/24\","
				 "\"2001:db8::/32\"],\"dark\":[\"198.51.100.128/25\"]") &&
		desk_says(&desk, "{\"ok\":true}\n"),
	    "a member is added, each range once and tidy");
	OK(desk.registries == 2 && !keeper_roster(desk.keeper)->is_local &&
		strstr(keeper_roster(desk.keeper)->registry_text, "dark\t198.51.100.128/25\n") !=
		    NULL,
	    "captures are told at once");
	OK(desk_refuses(
	       &desk, "{'do':'member.add','name':'town'}", "member town: is there already"),
	    "a name is one member's");
	OK(desk_refuses(&desk,
	       "{'do':'member.add','name':'school','prefixes':['198.51.100.64/26']}",
	       "member school: 198.51.100.64/26 overlaps 198.51.100.0/24 of member town, expected "
	       "addresses that no other member has"),
	    "an overlap is refused with both names");
	OK(desk_count(&desk, STORE_MEMBER) == 1 && desk.registries == 2,
	    "and nothing of it is kept or told");
	OK(desk_ask(&desk,
	       "{'do':'member.change','name':'town','rename':'city','add':['203.0.113.0/24'],"
	       "'remove':['2001:db8::/32','198.51.100.128/25'],'language':'en'}") &&
		desk_says(&desk, "\"name\":\"city\",\"language\":\"en\",\"zone\":\"Asia/Tokyo\","
				 "\"note\":\"by post\",\"prefixes\":[\"198.51.100.0/24\","
				 "\"203.0.113.0/24\"],\"dark\":[]"),
	    "a member is changed, and keeps the rest");
	OK(desk_refuses(&desk, "{'do':'member.change','name':'city','remove':['10.0.0.0/8']}",
	       "member city: 10.0.0.0/8 is none of its ranges"),
	    "a range that it has not");
	OK(desk_refuses(&desk, "{'do':'member.change','name':'town'}",
	       "member town: there is none, expected one that `hinomi member list` shows"),
	    "a member that is not there");
	OK(desk_ask(&desk, "{'do':'member.add','name':'school','prefixes':['192.0.2.0/24']}"),
	    "another");
	OK(desk_refuses(&desk, "{'do':'member.change','name':'school','rename':'city'}",
	       "member city: is there already"),
	    "no two of one name");
	OK(desk_ask(&desk, "{'do':'member.remove','name':'city','by':'hanako'}") &&
		desk_count(&desk, STORE_MEMBER) == 1 && desk_count(&desk, STORE_PREFIX) == 1,
	    "a member is removed with its ranges");
	OK(desk_ask(&desk, "{'do':'member.add','name':'village','prefixes':['198.51.100.0/24']}"),
	    "and another may have them");
	desk_close(&desk);
}

static void test_wrong_members(void)
{
	static const char *const rows[][2] = {
	    {"'name':'local'", "member local: the station itself uses this name, expected another"},
	    {"'name':'hinomi-canary'",
		"member hinomi-canary: the station itself uses this name, expected another"},
	    {"'name':'a,b'",
		"member \\\"a,b\\\": expected a name of 1 to 127 bytes of UTF-8 without "
		"control characters, comma or '='"},
	    {"'name':'a','language':'de'", "language de: expected ja or en"},
	    {"'name':'a','zone':'Asia/Edo'", "time zone Asia/Edo: there is no such zone in "
					     "/usr/share/zoneinfo/ (package tzdata), "
					     "expected a name such as Asia/Tokyo"},
	    {"'name':'a','prefixes':['10.0.0.1/8']",
		"member a: 10.0.0.1/8: bits are set past the length, expected the range's first "
		"address such as 192.0.2.0/24"},
	    {"'name':'a','prefixes':['10']",
		"member a: 10: expected an IPv4 or IPv6 prefix such as "
		"192.0.2.0/24 or 2001:db8::/32"},
	    {"'name':'a','dark':['224.0.0.0/4']",
		"dark: 224.0.0.0/4: expected unicast addresses, a group's are never unused"},
	    {"'name':'a','prefixes':['100::/64']",
		"member hinomi-canary: 100::ca:0:0/112 overlaps 100::/64 of member a, expected "
		"addresses that no other member has"},
	};
	struct desk desk;
	desk_open(&desk);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char request[512];
		(void)snprintf(request, sizeof request, "{'do':'member.add',%s}", rows[i][0]);
		OK(desk_refuses(&desk, request, rows[i][1]), rows[i][0]);
	}
	OK(desk_count(&desk, STORE_MEMBER) == 0 && desk_count(&desk, STORE_PREFIX) == 0 &&
		desk.registries == 1,
	    "nothing of them was kept");
	desk_close(&desk);
}

static void test_import(void)
{
	struct desk desk;
	desk_open(&desk);
	OK(desk_ask(&desk,
	       "{'do':'member.import','members':[{'name':'a','prefixes':['10.0.0.0/8']},"
	       "{'name':'b','prefixes':['11.0.0.0/8'],'note':'x'}]}") &&
		desk_says(&desk, "{\"type\":\"imported\",\"added\":2,\"changed\":0}\n"),
	    "several are added at once");
	OK(desk_ask(&desk,
	       "{'do':'member.import','members':[{'name':'b','prefixes':['12.0.0.0/8']},"
	       "{'name':'c','prefixes':['11.0.0.0/8']}]}") &&
		desk_says(&desk, "{\"type\":\"imported\",\"added\":1,\"changed\":1}\n") &&
		desk_count(&desk, STORE_PREFIX) == 3,
	    "one that is there gets the ranges of the row, and no others");
	OK(desk_refuses(&desk,
	       "{'do':'member.import','members':[{'name':'d'},{'name':'e',"
	       "'prefixes':['12.1.0.0/16']}]}",
	       "member e: 12.1.0.0/16 overlaps 12.0.0.0/8 of member b, expected addresses that no "
	       "other member has") &&
		desk_count(&desk, STORE_MEMBER) == 3,
	    "of several all or none");
	desk_close(&desk);
}

/* ---- Incidents ---- */

static struct incident *incident_of(const struct desk *desk, int64_t id)
{
	return casebook_find(keeper_casebook(desk->keeper), id);
}

static int visit_event(void *context, const void *record)
{
	const struct store_event *event = record;
	char *text = context;
	(void)snprintf(text, 256, "%s %s>%s %s: %s", event->what, event->from_state,
	    event->to_state, event->by, event->note);
	return 0;
}

/* The last thing that happened. */
static bool last_event_is(struct desk *desk, const char *expected)
{
	char text[256] = "";
	const struct store_query query = {.kind = STORE_EVENT};
	if (store_each(desk->store, &query, visit_event, text, NULL) != 0)
		abort();
	if (strcmp(text, expected) != 0)
		printf("# %s\n", text);
	return strcmp(text, expected) == 0;
}

static void test_incidents(void)
{
	struct desk desk;
	desk_open(&desk);
	OK(desk_ask(&desk, "{'do':'member.add','name':'town','prefixes':['198.51.100.0/24']}"),
	    "a town");
	OK(desk_put_incident(&desk, 1, "198.51.100.7", "notified") == 1 &&
		desk_put_incident(&desk, 1, "198.51.100.8", "closed") == 2,
	    "with an incident, and one of before");
	desk_restart(&desk);
	OK(desk_ask(&desk, "{'do':'incident.ack','incident':1,'by':'hanako','note':'mine'}") &&
		desk_says(&desk, "\"id\":1,\"member\":\"town\"") &&
		desk_says(&desk, "\"state\":\"acknowledged\""),
	    "it is acknowledged");
	OK(last_event_is(&desk, "ack notified>acknowledged hanako: mine"), "which is history");
	OK(desk_ask(&desk, "{'do':'incident.work','incident':1,'by':'taro'}") &&
		desk_says(&desk, "\"state\":\"in-progress\""),
	    "worked on");
	OK(desk_ask(&desk, "{'do':'incident.note','incident':1,'by':'taro','note':'a printer?'}") &&
		desk_says(&desk, "\"state\":\"in-progress\"") &&
		last_event_is(&desk, "note in-progress>in-progress taro: a printer?"),
	    "noted on, which moves nothing");
	OK(desk_refuses(&desk, "{'do':'incident.close','incident':1,'by':'taro','reason':'quiet'}",
	       "reason quiet: expected fixed, not-ours or harmless"),
	    "a reason of Hinomi's own is none of people");
	OK(desk_ask(&desk, "{'do':'incident.close','incident':1,'by':'taro','reason':'fixed'}") &&
		desk_says(&desk, "\"state\":\"closed\",\"reason\":\"fixed\""),
	    "and closed");
	OK(desk_refuses(&desk, "{'do':'incident.ack','incident':1,'by':'taro'}",
	       "incident 1: is closed, expected one that is not closed") &&
		desk_refuses(&desk, "{'do':'incident.work','incident':2,'by':'taro'}",
		    "incident 2: is closed, expected one that is not closed"),
	    "what is closed stays closed");
	OK(desk_ask(&desk, "{'do':'incident.note','incident':2,'by':'taro','note':'later'}"),
	    "but notes may follow");
	OK(desk_refuses(&desk, "{'do':'incident.ack','incident':3,'by':'taro'}",
	       "incident 3: there is none, expected a number that `hinomi incident list --all` "
	       "shows"),
	    "one that never was");
	desk_restart(&desk);
	OK(incident_of(&desk, 1)->state == INCIDENT_CLOSED &&
		incident_of(&desk, 1)->reason == CLOSE_FIXED,
	    "all of it was committed");
	OK(incident_of(&desk, 1)->state_us == NOW_US, "at the time that it was");
	desk_close(&desk);
}

static void test_limits_of_deeds(void)
{
	struct desk desk;
	char request[1024];
	char text[512];
	desk_open(&desk);
	memset(text, 'x', sizeof text);
	OK(desk_put_incident(&desk, 0, "10.0.0.7", "new") == 1, "an incident");
	desk_restart(&desk);
	(void)snprintf(request, sizeof request,
	    "{'do':'incident.ack','incident':1,'by':'%.*s','note':'%.*s'}", 63, text, 255, text);
	OK(desk_ask(&desk, request), "a name and a note as long as may be");
	(void)snprintf(
	    request, sizeof request, "{'do':'incident.ack','incident':1,'by':'%.*s'}", 64, text);
	OK(desk_refuses(&desk, request, "by: has 64 bytes, expected at most 63"), "a longer name");
	(void)snprintf(request, sizeof request,
	    "{'do':'incident.ack','incident':1,'by':'x','note':'%.*s'}", 256, text);
	OK(desk_refuses(&desk, request, "note: has 256 bytes, expected at most 255"),
	    "a longer note");
	desk_close(&desk);
}

static void test_removed_member(void)
{
	struct desk desk;
	desk_open(&desk);
	OK(desk_ask(&desk, "{'do':'member.add','name':'town','prefixes':['198.51.100.0/24']}") &&
		desk_put_incident(&desk, 1, "198.51.100.7", "notified") == 1 &&
		desk_put_incident(&desk, 2, "192.0.2.7", "new") == 2,
	    "two incidents of two members");
	desk_restart(&desk);
	OK(desk_ask(&desk, "{'do':'member.remove','name':'town','by':'hanako'}") &&
		incident_of(&desk, 1)->state == INCIDENT_CLOSED &&
		incident_of(&desk, 1)->reason == CLOSE_NOT_OURS &&
		last_event_is(&desk, "close notified>closed hanako: the member was removed"),
	    "what was open of a member that is gone is closed");
	OK(incident_of(&desk, 2)->state == INCIDENT_NEW, "what others have is not");
	desk_close(&desk);
}

/* ---- Exceptions ---- */

static void test_exceptions(void)
{
	struct desk desk;
	desk_open(&desk);
	OK(desk_ask(&desk, "{'do':'member.add','name':'town','prefixes':['198.51.100.0/24']}") &&
		desk_put_incident(&desk, 1, "198.51.100.7", "notified") == 1 &&
		desk_put_incident(&desk, 1, "198.51.100.8", "quiet") == 2 &&
		desk_put_incident(&desk, 1, "198.51.100.200", "new") == 3,
	    "incidents of before the start");
	desk_restart(&desk);
	OK(desk_ask(&desk,
	       "{'do':'exception.add','member':'town','subject':'198.51.100.0/25','rule':"
	       "'scan.dark','port':445,'reason':'the scanner of the auditors','by':"
	       "'hanako','until':'2026-12-31T00:00:00Z'}") &&
		desk_says(&desk, "{\"type\":\"exception\",\"id\":1,\"member\":\"town\",\"rule\":"
				 "\"scan.dark\",\"subject\":\"198.51.100.0/25\",\"port\":445,"
				 "\"reason\":\"the scanner of the auditors\",\"by\":\"hanako\","
				 "\"created\":\"2026-03-31T23:33:20.000000Z\",\"until\":"
				 "\"2026-12-31T00:00:00.000000Z\"}"),
	    "an exception");
	OK(incident_of(&desk, 1)->reason == CLOSE_EXCEPTION &&
		incident_of(&desk, 2)->reason == CLOSE_EXCEPTION &&
		incident_of(&desk, 3)->state == INCIDENT_NEW,
	    "closes what it covers, what was found before the start as well");
	OK(keeper_roster(desk.keeper)->exception_count == 1, "and is in force");
	OK(desk_ask(&desk,
	       "{'do':'exception.add','subject':'198.51.100.200','port':80,'reason':'web',"
	       "'by':'taro'}") &&
		incident_of(&desk, 3)->state == INCIDENT_NEW,
	    "one of another port covers nothing of it");
	OK(desk_ask(&desk, "{'do':'exception.remove','exception':1}") &&
		keeper_roster(desk.keeper)->exception_count == 1,
	    "one that is removed is out of force");
	OK(desk_refuses(&desk, "{'do':'exception.remove','exception':1}",
	       "exception 1: there is none, expected a number that `hinomi exception list` shows"),
	    "once");
	desk_close(&desk);
}

static void test_wrong_exceptions(void)
{
	static const char *const rows[][2] = {
	    {"'subject':'10.0.0.0/33'", "subject 10.0.0.0/33: expected a length from 0 to 32 after "
					"the slash"},
	    {"'subject':'::/0'",
		"subject ::/0: holds 100::ca:0:0/112, from which the station tests "
		"itself, expected a narrower range"},
	    {"'subject':'10.0.0.1','rule':'scan.drak'",
		"rule scan.drak: expected one of scan.dark, scan.sweep, scan.live, ddos.victim, "
		"ddos.incoming, ddos.reflector, config.stray, spoof.member"},
	    {"'subject':'10.0.0.1','until':'tomorrow'",
		"until tomorrow: expected a time such as 2026-04-01T00:00:00Z"},
	    {"'subject':'10.0.0.1','until':'2026-03-31T23:33:20Z'",
		"until 2026-03-31T23:33:20Z: is over, expected a time to come"},
	    {"'subject':'10.0.0.1','port':65536", "port: expected a whole number from 0 to 65535"},
	    {"'subject':'10.0.0.1','member':'town'",
		"member town: there is none, expected one that `hinomi member list` shows"},
	};
	struct desk desk;
	desk_open(&desk);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char request[512];
		(void)snprintf(request, sizeof request,
		    "{'do':'exception.add','reason':'r','by':'b',%s}", rows[i][0]);
		OK(desk_refuses(&desk, request, rows[i][1]), rows[i][0]);
	}
	OK(desk_refuses(
	       &desk, "{'do':'exception.add','subject':'10.0.0.1','by':'b'}", "reason: is missing"),
	    "why must be said");
	OK(desk_count(&desk, STORE_EXCEPTION) == 0, "nothing of it was kept");
	desk_close(&desk);
}

static void test_copies(void)
{
	static struct desk desk;
	struct copying *copying = NULL;
	desk_open(&desk);
	OK(desk_refuses(&desk, "{'do':'copy.begin'}",
	       "no copy can be made here, expected a station that runs") &&
		desk_refuses(&desk, "{'do':'copy.state'}",
		    "no copy can be made here, expected a station that runs"),
	    "who has no place for copies makes none");
	OK(copying_new(desk.store, "/tmp", &copying) == 0, "a place for copies");
	desk.service.copying = copying;
	OK(desk_ask(&desk, "{'do':'copy.state'}") &&
		desk_says(&desk, "{\"type\":\"copy\",\"number\":0,\"path\":"
				 "\"spool/copy-0.db\",\"state\":\"none\",\"left_bytes\":0}"),
	    "there was none yet");
	OK(desk_refuses(&desk, "{'do':'copy.begin','path':'/etc/passwd'}",
	       "path: is no argument of this, which has none"),
	    "nobody says where to");
	OK(!desk_ask(&desk, "{'do':'copy.begin'}"), "a database in memory is not copied");
	desk.service.copying = NULL;
	copying_free(copying);
	desk_close(&desk);
}

int main(void)
{
	test_form();
	test_copies();
	test_length();
	test_members();
	test_wrong_members();
	test_import();
	test_incidents();
	test_limits_of_deeds();
	test_removed_member();
	test_exceptions();
	test_wrong_exceptions();
	return test_done();
}

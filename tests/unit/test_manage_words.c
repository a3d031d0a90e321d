/* What the commands that look after a station say: all languages say it, with the same places. */
#include <stdlib.h>

#include "alert/incident.h"
#include "cmd/manage_words.h"
#include "cmd/station/record_json.h"
#include "phrase_check.h"
#include "test.h"

static void test_words(void)
{
	for (int word = 0; word < MANAGE_WORDS; word++) {
		const char *en = manage_word(LANGUAGE_EN, (enum manage_word)word);
		const char *ja = manage_word(LANGUAGE_JA, (enum manage_word)word);
		bool is_whole = en != NULL && ja != NULL && is_clean(en) && is_clean(ja) &&
				places_of(en) == places_of(ja) && places_of(en) >= 0;
		if (!is_whole)
			printf("# %d %s\n", word, en == NULL ? "" : en);
		OK(is_whole, "a word");
	}
}

static bool is_known(const char *name)
{
	bool known = name[0] == '\0' || strcmp(manage_term(LANGUAGE_JA, name), name) != 0;
	if (!known)
		printf("# %s\n", name);
	return known && strcmp(manage_term(LANGUAGE_EN, name), name) == 0;
}

static void test_terms(void)
{
	bool known = true;
	for (int i = 0; i < INCIDENT_STATE_COUNT; i++)
		known &= is_known(incident_state_name((enum incident_state)i));
	for (int i = 0; i < INCIDENT_EVENT_COUNT; i++)
		known &= is_known(incident_event_name((enum incident_event)i));
	for (int i = 0; i < CLOSE_REASON_COUNT; i++)
		known &= is_known(close_reason_name((enum close_reason)i));
	for (int i = 0; i < SEVERITY_COUNT; i++)
		known &= is_known(severity_name((enum severity)i));
	for (int i = CONTACT_UNVERIFIED; i <= CONTACT_STOPPED; i++)
		known &= is_known(record_contact_state((enum contact_state)i));
	for (int i = NOTICE_FIRST; i <= NOTICE_ALARM; i++)
		known &= is_known(record_notice_kind((enum notice_kind)i));
	for (int i = NOTICE_WAITING; i <= NOTICE_FAILED; i++)
		known &= is_known(record_notice_state((enum notice_state)i));
	OK(known, "every name that records use has a word in Japanese");
	OK(strcmp(manage_term(LANGUAGE_JA, "scan.dark"), "scan.dark") == 0,
	    "others stay as they are");
}

int main(void)
{
	test_words();
	test_terms();
	return test_done();
}

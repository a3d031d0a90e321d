#include "notify/wording_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notify/letter.h"
#include "notify/wording_table.h"
#include "phrase_check.h"
#include "report_case.h"
#include "test.h"

enum {
	FILE_BYTES = 4096,
	ROW_BYTES = 128,
};

/* Of what a station says, what must have a row: all but what belongs to reports on a screen. */
static void test_each_has_a_name(void)
{
	const struct wording_entry *messages = wording_entries(WORDING_MESSAGE);
	const struct wording_entry *phrases = wording_entries(WORDING_PHRASE);
	bool complete = true;
	for (size_t i = 0; i < PHRASE_COUNT; i++) {
		if (phrases[i].name != NULL)
			continue;
		complete = false;
		printf("# phrase %zu has no row in wording_entries.c: %s\n", i,
		    wording_letter_en.phrases[i]);
	}
	for (size_t i = 0; i < MESSAGE_LABEL_WHEN; i++) {
		if (messages[i].name != NULL || i == MESSAGE_WHO_STRANGER)
			continue;
		complete = false;
		printf("# message %zu has no row: %s\n", i, wording_en.messages[i]);
	}
	OK(complete, "each sentence of a letter has a name");
	static const struct {
		enum wording_kind kind;
		size_t count;
		const char *name;
	} tables[] = {
	    {WORDING_REASON, REASON_COUNT, "each reason has a name"},
	    {WORDING_SPOOF_REASON, SPOOF_REASON_COUNT, "each reason of a spoof estimate"},
	    {WORDING_SERVICE, SERVICE_COUNT, "each service"},
	    {WORDING_ADVICE, ADVICE_STRANGER, "each advice that letters give"},
	};
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		size_t named = 0;
		for (size_t k = 0; k < tables[i].count; k++)
			named += wording_entries(tables[i].kind)[k].name != NULL;
		OK(named == tables[i].count, tables[i].name);
	}
	for (size_t i = 0; i < WORDING_SECTIONS; i++) {
		const struct wording_section *section = &wording_sections[i];
		struct wording_entry entry, other;
		size_t named = 0;
		bool unique = true;
		for (size_t k = 0; k < section->count; k++) {
			if (!wording_section_entry(section, k, &entry))
				continue;
			named++;
			for (size_t m = 0; m < k; m++)
				unique = unique && (!wording_section_entry(section, m, &other) ||
						       strcmp(entry.name, other.name) != 0);
		}
		OK(named > 0 && unique, section->name);
	}
}

static bool is_good(const struct wording_entry *entry, const char *text)
{
	char why[ROW_BYTES * 2];
	if (text == NULL || wording_check(entry, text, why, sizeof why))
		return true;
	printf("# %s: %s\n# %s\n", entry->name, why, text);
	return false;
}

/* What is built in fits the table: places, lengths, needed fields. */
static void test_built_in_fits(void)
{
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		struct words words;
		bool fits = true;
		wording_built_in((enum language)language, &words);
		for (size_t i = 0; i < WORDING_SECTIONS; i++) {
			const struct wording_section *section = &wording_sections[i];
			struct wording_entry entry;
			for (size_t k = 0; k < section->count; k++) {
				if (!wording_section_entry(section, k, &entry))
					continue;
				const char **at = wording_at(&words, section, k);
				size_t count = section->form == WORDING_SENTENCES ? 1
					       : section->form == WORDING_STEPS
						   ? ADVICE_STEPS_MAX
						   : 3 + ADVICE_STEPS_MAX;
				for (size_t m = 0; m < count; m++)
					fits = is_good(section->form == WORDING_ALARMS && m == 0
							   ? &wording_alarm_title
							   : &entry,
						   at[m]) &&
					       fits;
			}
		}
		OK(fits, language == LANGUAGE_JA ? "the Japanese words fit their table"
						 : "the English words fit their table");
	}
}

/* What is written is read, and says the same. */
static void test_round_trip(void)
{
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		struct wording_set *set = NULL;
		struct complaint complaint = {""};
		char *text = NULL;
		size_t length = 0;
		FILE *file = open_memstream(&text, &length);
		if (file == NULL || wording_set_new(&set) != 0)
			abort();
		wording_write((enum language)language, file);
		if (fclose(file) != 0)
			abort();
		int result = wording_set_read(set, (enum language)language,
		    &(struct wording_file){"all.yaml", text, length}, &complaint);
		OK(result == 0, "the whole vocabulary is taken as it was written");
		if (result != 0)
			printf("# %s\n", complaint.text);
		const struct vocabulary *before = wording_get((enum language)language);
		const struct letter_vocabulary *letter =
		    wording_letter_get((enum language)language);
		wording_use(set);
		const struct vocabulary *after = wording_get((enum language)language);
		bool same = before != after;
		for (size_t i = 0; i < sizeof *before / sizeof(char *); i++) {
			const char *a = ((const char *const *)before)[i];
			const char *b = ((const char *const *)after)[i];
			same = same && (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
		}
		const struct letter_vocabulary *now = wording_letter_get((enum language)language);
		for (size_t i = 0; i < sizeof *letter / sizeof(char *); i++) {
			const char *a = ((const char *const *)letter)[i];
			const char *b = ((const char *const *)now)[i];
			same = same && (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
		}
		OK(same, "and says the same");
		wording_use(NULL);
		OK(wording_get((enum language)language) == before, "without it, what is built in");
		wording_set_free(set);
		free(text);
	}
}

/* A file, and what is said of it; NULL: it is taken. */
static const struct {
	const char *file;
	const char *complaint;
} files[] = {
    {"", NULL},
    {"# nothing is changed\n", NULL},
    {"letters:\n", NULL},
    {"letters:\n  heading-steps: DO THIS\n", NULL},
    {"whom: {windows: 'Call 0123-45-6789.'}\n", NULL},
    {"steps:\n  device:\n    - Call us about {1}.\n", NULL},
    {"steps:\n  device: [a, b, c]\n", NULL},
    {"findings:\n  joint: ''\n", NULL},
    {"findings:\n  who-member: '{2}, {1}'\n", NULL},
    {"alarms:\n  canary-late:\n    title: late\n    steps: [call]\n", NULL},
    {"letter:\n  x: y\n",
	"w.yaml:1: unknown section 'letter', the nearest is 'letters' (hinomi notice wording "
	"prints all)"},
    {"letters:\n  heading-step: x\n",
	"w.yaml:2: unknown name 'heading-step' in letters, the nearest is 'heading-steps' (hinomi "
	"notice wording prints all)"},
    {"steps:\n  stranger: [x]\n",
	"w.yaml:2: unknown name 'stranger' in steps, the nearest is 'printer' (hinomi notice "
	"wording prints all)"},
    {"letters: x\n", "w.yaml:1: letters: found text, expected names and texts"},
    {"letters:\n  paste:\n    - x\n", "w.yaml:2: paste: found a list, expected a text"},
    {"letters:\n  paste:\n", "w.yaml:2: paste: found nothing, expected a text"},
    {"letters:\n  paste: ''\n", "w.yaml:2: paste: found nothing, expected a text"},
    {"letters:\n  address: 'Address: here'\n",
	"w.yaml:2: address: found no {1} (address), expected it to be named"},
    {"letters:\n  address: 'Address: {1:one|many}'\n",
	"w.yaml:2: address: found no {1} (address), expected it to be named"},
    {"letters:\n  subject: '{1}{2}, {3}: {4}'\n",
	"w.yaml:2: subject: found no {5} (what), expected it to be named"},
    {"letters:\n  address: '{1} {2}'\n", "w.yaml:2: address: found {2}, expected {1} to {1} only"},
    {"letters:\n  paste: 'send {1}'\n",
	"w.yaml:2: paste: found {1}, expected no places: nothing is put in here"},
    {"letters:\n  address: '{1} {0}'\n", "w.yaml:2: address: found a brace that is part of no "
					 "place, expected {1} or {1:one|many}"},
    {"letters:\n  address: '{1} {'\n", "w.yaml:2: address: found a brace that is part of no "
				       "place, expected {1} or {1:one|many}"},
    {"letters:\n  address: '{1} }'\n", "w.yaml:2: address: found a brace that is part of no "
				       "place, expected {1} or {1:one|many}"},
    {"letters:\n  address: '{1} {1:a{1}|b}'\n", "w.yaml:2: address: found a brace that is part of "
						"no place, expected {1} or {1:one|many}"},
    {"letters:\n  address: '{1} {1:a} | b'\n", "w.yaml:2: address: found a brace that is part of "
					       "no place, expected {1} or {1:one|many}"},
    {"letters:\n  address: '{1} {12}'\n", "w.yaml:2: address: found a brace that is part of no "
					  "place, expected {1} or {1:one|many}"},
    {"letters:\n  paste: \"a\\nb\"\n",
	"w.yaml:2: paste: found a line break, a control character or one that is not seen, "
	"expected none"},
    {"letters:\n  paste: \"a\\u202eb\"\n",
	"w.yaml:2: paste: found a line break, a control character or one that is not seen, "
	"expected none"},
    {"letters:\n  paste: \"a\\u200bb\"\n",
	"w.yaml:2: paste: found a line break, a control character or one that is not seen, "
	"expected none"},
    {"letters:\n  paste: \"a\\u001bb\"\n",
	"w.yaml:2: paste: found a line break, a control character or one that is not seen, "
	"expected none"},
    {"letters:\n  tag-drill: '[EXERCISE]'\n",
	"w.yaml:2: tag-drill: found no [DRILL], expected it to be there"},
    {"steps:\n  device: [a, b, c, d]\n",
	"w.yaml:2: device: found a list of 4, expected a list of 1 to 3 steps"},
    {"steps:\n  device: []\n",
	"w.yaml:2: device: found a list of 0, expected a list of 1 to 3 steps"},
    {"steps:\n  device: a\n", "w.yaml:2: device: found text of 0, expected a list of 1 to 3 steps"},
    {"steps:\n  device:\n    - a\n    - 'b {5}'\n",
	"w.yaml:4: device: found {5}, expected {1} to {4} only"},
    {"alarms:\n  canary-late: x\n",
	"w.yaml:2: canary-late: found text, expected title, says, means or steps"},
    {"alarms:\n  canary-late:\n    titel: x\n",
	"w.yaml:3: canary-late: found titel, expected title, says, means or steps"},
    {"alarms:\n  canary-late:\n    title: '{2}'\n",
	"w.yaml:3: title: found {2}, expected {1} to {1} only"},
};

static void test_files(void)
{
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct wording_set *set = NULL;
		struct complaint complaint = {""};
		char name[ROW_BYTES];
		if (wording_set_new(&set) != 0)
			abort();
		int result = wording_set_read(set, LANGUAGE_EN,
		    &(struct wording_file){"w.yaml", files[i].file, strlen(files[i].file)},
		    &complaint);
		const bool as_told =
		    files[i].complaint == NULL
			? result == 0
			: result == -EINVAL && strcmp(complaint.text, files[i].complaint) == 0;
		(void)snprintf(name, sizeof name, "file %zu is %s", i,
		    files[i].complaint == NULL ? "taken" : "refused");
		OK(as_told, name);
		if (!as_told)
			printf("# %s# %s\n", files[i].file, complaint.text);
		/* A refused file leaves the words as they were. */
		wording_use(set);
		if (result != 0)
			OK(wording_letter_get(LANGUAGE_EN)->phrases[PHRASE_PASTE] ==
				wording_letter_en.phrases[PHRASE_PASTE],
			    "and nothing of it is used");
		wording_use(NULL);
		wording_set_free(set);
	}
}

static void test_bad_bytes(void)
{
	struct wording_set *set = NULL;
	struct complaint complaint = {""};
	static const char bad[] = "letters:\n  paste: a\xff\n";
	if (wording_set_new(&set) != 0)
		abort();
	OK(wording_set_read(set, LANGUAGE_JA, &(struct wording_file){"w.yaml", bad, sizeof bad - 1},
	       &complaint) == -EINVAL &&
		strncmp(complaint.text, "w.yaml:2:", 9) == 0,
	    "bytes that are no UTF-8 are refused with their line");
	wording_set_free(set);
}

/* As long as its section allows, and one more. */
static void test_lengths(void)
{
	struct wording_entry entry = {.name = "x", .bytes_max = 10};
	char why[ROW_BYTES];
	OK(wording_check(&entry, "0123456789", why, sizeof why), "as long as allowed");
	OK(!wording_check(&entry, "0123456789a", why, sizeof why) &&
		strcmp(why, "found 11 bytes, expected at most 10") == 0,
	    "one more is refused");
	OK(wording_check(&entry, "ああ1234", why, sizeof why) &&
		!wording_check(&entry, "あああああ", why, sizeof why),
	    "bytes are counted, not characters");
}

/* Longest texts everywhere, all places in each: letters with them end as they should. */
static void fill(struct text *out, const struct wording_entry *entry)
{
	char text[WORDING_BYTES_MAX + 1];
	size_t at = 0;
	memset(text, 'w', entry->bytes_max);
	text[entry->bytes_max] = '\0';
	for (size_t i = 0; i < WORDING_PLACES_MAX && entry->places[i] != NULL; i++, at += 3) {
		text[at] = '{';
		text[at + 1] = (char)('1' + i);
		text[at + 2] = '}';
	}
	if (entry->holds != NULL)
		memcpy(text + at, entry->holds, strlen(entry->holds));
	text[entry->bytes_max - 1] = '#';
	text_add(out, "'");
	text_add(out, text);
	text_add(out, "'\n");
}

static void fill_section(struct text *out, const struct wording_section *section)
{
	struct wording_entry entry;
	text_add(out, section->name);
	text_add(out, ":\n");
	for (size_t k = 0; k < section->count; k++) {
		if (!wording_section_entry(section, k, &entry))
			continue;
		text_add(out, "  ");
		text_add(out, entry.name);
		text_add(out, section->form == WORDING_ALARMS ? ":\n    says: " : ": ");
		if (section->form == WORDING_STEPS) {
			text_add(out, "\n    - ");
			fill(out, &entry);
			text_add(out, "    - ");
		}
		fill(out, &entry);
	}
}

static struct wording_set *longest(void)
{
	static char file[1 << 20];
	struct wording_set *set = NULL;
	struct complaint complaint = {""};
	struct text text;
	text_init(&text, file, sizeof file);
	for (size_t i = 0; i < WORDING_SECTIONS; i++)
		fill_section(&text, &wording_sections[i]);
	if (wording_set_new(&set) != 0)
		abort();
	OK(!text.cut &&
		wording_set_read(set, LANGUAGE_EN,
		    &(struct wording_file){"long.yaml", file, text.length}, &complaint) == 0,
	    "words as long as they may be, with all places, are taken");
	if (complaint.text[0] != '\0')
		printf("# %s\n", complaint.text);
	return set;
}

static void try_letter(struct finding finding, const char *name)
{
	struct registry *registry = case_registry();
	struct letter letter;
	const struct letter_setting setting = {.language = LANGUAGE_EN};
	finding.member = MEMBER_LONG;
	const struct letter_incident incident = {.id = 1,
	    .kind = LETTER_UPDATE,
	    .registry = registry,
	    .told = {SEVERITY_LOW, 1, 0, CASE_LAST_US, 1}};
	if (letter_about_incident(&setting, &incident, &finding, &letter) != 0)
		abort();
	const size_t length = strlen(letter.subject);
	OK(length < LETTER_SUBJECT_BYTES - 1 && letter.subject[length - 1] == '#', name);
	/* Each step ends as it was written: its mark stands at the end of a line. */
	size_t ends = 0;
	for (const char *at = strstr(letter.body, "#\n"); at != NULL; at = strstr(at + 1, "#\n"))
		ends++;
	OK(ends > 10, "its paragraphs are whole");
	letter_release(&letter);
	registry_free(registry);
}

static void test_longest(void)
{
	struct wording_set *set = longest();
	wording_use(set);
	try_letter(case_mirai(), "a subject of the longest words is whole");
	try_letter(case_sweep(), "a sweep's as well");
	try_letter(case_stray(), "a stray's as well");
	wording_use(NULL);
	wording_set_free(set);
}

int main(void)
{
	test_each_has_a_name();
	test_built_in_fits();
	test_round_trip();
	test_files();
	test_bad_bytes();
	test_lengths();
	test_longest();
	return test_done();
}

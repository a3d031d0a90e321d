/* wording_write.c - the words that can be changed, as a file in the form in which it is read. */
#include "notify/wording_set.h"
#include "notify/wording_table.h"

static const char head[] =
    "# The words of Hinomi's letters in this language. Put this file, with only what you want to\n"
    "# change, into the station's directory as wording/%s.yaml; `hinomi check` says whether it is\n"
    "# right, `hinomi notice preview` shows a letter with it, and a station that runs takes it by\n"
    "# SIGHUP (systemctl reload hinomi).\n"
    "#\n"
    "# {1}, {2} and on are places where something is put in: what, is said above each. "
    "{1:port|ports}\n"
    "# is the first word where the number is 1, else the second. A place with (!) must be there.\n";

/* In double quotes: a text has no control characters. */
static void write_quoted(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		fputc(*text, file);
	}
	fputs("\"\n", file);
}

static void write_places(FILE *file, const struct wording_entry *entry)
{
	for (size_t i = 0; i < WORDING_PLACES_MAX && entry->places[i] != NULL; i++) {
		const bool is_needed = entry->places[i][0] == '!';
		fprintf(file, "%s{%zu} %s%s", i == 0 ? "  # " : ", ", i + 1,
		    entry->places[i] + (is_needed ? 1 : 0), is_needed ? " (!)" : "");
	}
	if (entry->places[0] != NULL)
		fputc('\n', file);
}

static void write_steps(FILE *file, const char *const *steps, const char *indent)
{
	for (size_t i = 0; i < ADVICE_STEPS_MAX && steps[i] != NULL; i++) {
		fprintf(file, "%s- ", indent);
		write_quoted(file, steps[i]);
	}
}

static void write_alarm(FILE *file, const struct letter_alarm_words *words)
{
	fputs("    title: ", file);
	write_quoted(file, words->title);
	fputs("    says: ", file);
	write_quoted(file, words->says);
	fputs("    means: ", file);
	write_quoted(file, words->means);
	fputs("    steps:\n", file);
	write_steps(file, words->steps, "      ");
}

static void write_entry(FILE *file, const struct wording_section *section,
    const struct wording_entry *entry, const char *const *at)
{
	if (section->places[0] == NULL)
		write_places(file, entry);
	fprintf(file, "  %s:", entry->name);
	switch (section->form) {
	case WORDING_SENTENCES:
		fputc(' ', file);
		write_quoted(file, at[0]);
		break;
	case WORDING_STEPS:
		fputc('\n', file);
		write_steps(file, at, "    ");
		break;
	case WORDING_ALARMS:
		fputc('\n', file);
		write_alarm(file, (const struct letter_alarm_words *)(const void *)at);
		break;
	}
}

static void write_section(
    FILE *file, const struct words *words, const struct wording_section *section)
{
	struct wording_entry entry;
	fprintf(file, "\n# %s\n", section->about);
	if (section->places[0] != NULL) {
		const struct wording_entry common = {.name = NULL,
		    .places = {section->places[0], section->places[1], section->places[2],
			section->places[3], section->places[4]}};
		write_places(file, &common);
	}
	fprintf(file, "%s:\n", section->name);
	for (size_t i = 0; i < section->count; i++)
		if (wording_section_entry(section, i, &entry))
			write_entry(file, section, &entry, wording_at_const(words, section, i));
}

void wording_write(enum language language, FILE *file)
{
	struct words words;
	wording_built_in(language, &words);
	fprintf(file, head, language == LANGUAGE_JA ? "ja" : "en");
	for (size_t i = 0; i < WORDING_SECTIONS; i++)
		write_section(file, &words, &wording_sections[i]);
}

#include "web/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "base/when.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

/* What Prometheus takes and its conventions ask for: lower case, no colon. */
static bool is_name(const char *name)
{
	if (!is_letter(*name) || strncmp(name, "__", 2) == 0)
		return false;
	for (; *name != '\0'; name++)
		if (!is_letter(*name) && (*name < '0' || *name > '9'))
			return false;
	return true;
}

static bool ends_on(const char *name, const char *end)
{
	const size_t length = strlen(name);
	return length > strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

void metrics_init(struct metrics *metrics, FILE *out)
{
	*metrics = (struct metrics){.out = out};
}

/* With what would end a line or a value escaped; `quote` only in values. */
static void put_escaped(FILE *out, const char *text, bool quote)
{
	size_t left = strlen(text);
	while (left > 0) {
		const size_t step = utf8_step(text, left);
		if (step == 0)
			fputs("\xef\xbf\xbd", out);
		else if (*text == '\n')
			fputs("\\n", out);
		else if (*text == '\\' || (quote && *text == '"'))
			fprintf(out, "\\%c", *text);
		else
			(void)fwrite(text, 1, step, out); /* ferror() tells */
		text += step > 0 ? step : 1;
		left -= step > 0 ? step : 1;
	}
}

void metrics_begin(
    struct metrics *metrics, const char *name, enum metric_kind kind, const char *help)
{
	assert(is_name(name) && ends_on(name, "_total") == (kind == METRIC_COUNTER));
	metrics->name = name;
	fprintf(metrics->out, "# HELP %s ", name);
	put_escaped(metrics->out, help, false);
	fprintf(
	    metrics->out, "\n# TYPE %s %s\n", name, kind == METRIC_COUNTER ? "counter" : "gauge");
}

static void begin_sample(
    const struct metrics *metrics, const struct metric_label *labels, size_t count)
{
	assert(metrics->name != NULL && count <= METRIC_LABELS_MAX);
	fputs(metrics->name, metrics->out);
	for (size_t i = 0; i < count; i++) {
		assert(is_name(labels[i].name));
		fprintf(metrics->out, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
		put_escaped(metrics->out, labels[i].value, true);
		fputc('"', metrics->out);
	}
	fputs(count > 0 ? "} " : " ", metrics->out);
}

void metrics_unsigned(
    struct metrics *metrics, const struct metric_label *labels, size_t count, uint64_t value)
{
	begin_sample(metrics, labels, count);
	fprintf(metrics->out, "%" PRIu64 "\n", value);
}

void metrics_bool(
    struct metrics *metrics, const struct metric_label *labels, size_t count, bool value)
{
	metrics_unsigned(metrics, labels, count, value ? 1 : 0);
}

void metrics_seconds(
    struct metrics *metrics, const struct metric_label *labels, size_t count, int64_t us)
{
	const uint64_t size_us = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	begin_sample(metrics, labels, count);
	fprintf(metrics->out, "%s%" PRIu64 ".%06" PRIu64 "\n", us < 0 ? "-" : "",
	    size_us / WHEN_SECOND_US, size_us % WHEN_SECOND_US);
}

void metrics_remark(struct metrics *metrics, const char *text)
{
	fputs("# ", metrics->out);
	put_escaped(metrics->out, text, false);
	fputc('\n', metrics->out);
}

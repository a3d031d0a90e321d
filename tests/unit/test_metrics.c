#include "web/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static char *text;
static size_t length;
static struct metrics metrics;

static void begin(void)
{
	free(text);
	text = NULL;
	metrics_init(&metrics, open_memstream(&text, &length));
}

static bool says(const char *expected)
{
	(void)fclose(metrics.out);
	bool is_so = strcmp(text, expected) == 0;
	if (!is_so)
		printf("# got: %s\n", text);
	return is_so;
}

static void test_plain(void)
{
	begin();
	metrics_begin(&metrics, "hinomi_batches_total", METRIC_COUNTER, "Batches that were taken.");
	metrics_unsigned(&metrics, NULL, 0, 18446744073709551615U);
	metrics_begin(&metrics, "hinomi_hosts", METRIC_GAUGE, "Hosts that are known.");
	metrics_unsigned(&metrics, NULL, 0, 0);
	OK(says("# HELP hinomi_batches_total Batches that were taken.\n"
		"# TYPE hinomi_batches_total counter\n"
		"hinomi_batches_total 18446744073709551615\n"
		"# HELP hinomi_hosts Hosts that are known.\n"
		"# TYPE hinomi_hosts gauge\n"
		"hinomi_hosts 0\n"),
	    "families and their samples");
}

static void test_labels(void)
{
	const struct metric_label one[] = {{"source", "ring:eth0"}, {"kind", "a b"}};
	const struct metric_label hostile[] = {
	    {"source", "\"} 1\nhinomi_up{a=\\\"\xff\xe7\x81\xab\xe7\x81"}};
	const struct metric_label none[] = {{"source", ""}};
	begin();
	metrics_begin(&metrics, "hinomi_up", METRIC_GAUGE, "A \"help\"\nof two\\lines.");
	metrics_bool(&metrics, one, 2, true);
	metrics_bool(&metrics, hostile, 1, false);
	metrics_bool(&metrics, none, 1, false);
	OK(says("# HELP hinomi_up A \"help\"\\nof two\\\\lines.\n"
		"# TYPE hinomi_up gauge\n"
		"hinomi_up{source=\"ring:eth0\",kind=\"a b\"} 1\n"
		"hinomi_up{source=\"\\\"} 1\\nhinomi_up{a=\\\\\\\"\xef\xbf\xbd\xe7\x81\xab"
		"\xef\xbf\xbd\xef\xbf\xbd\"} 0\n"
		"hinomi_up{source=\"\"} 0\n"),
	    "values of labels stay what they are, whatever is in them");
}

static void test_seconds(void)
{
	begin();
	metrics_begin(&metrics, "hinomi_took_seconds", METRIC_GAUGE, "A time.");
	metrics_seconds(&metrics, NULL, 0, 0);
	metrics_seconds(&metrics, NULL, 0, 1);
	metrics_seconds(&metrics, NULL, 0, 1500000);
	metrics_seconds(&metrics, NULL, 0, -2000001);
	metrics_seconds(&metrics, NULL, 0, INT64_MAX);
	metrics_seconds(&metrics, NULL, 0, INT64_MIN);
	OK(says("# HELP hinomi_took_seconds A time.\n"
		"# TYPE hinomi_took_seconds gauge\n"
		"hinomi_took_seconds 0.000000\n"
		"hinomi_took_seconds 0.000001\n"
		"hinomi_took_seconds 1.500000\n"
		"hinomi_took_seconds -2.000001\n"
		"hinomi_took_seconds 9223372036854.775807\n"
		"hinomi_took_seconds -9223372036854.775808\n"),
	    "microseconds are written as seconds, exactly");
}

static void test_remark(void)
{
	begin();
	metrics_remark(&metrics, "no answer\nhinomi_up 1");
	OK(says("# no answer\\nhinomi_up 1\n"), "a remark is one line");
}

int main(void)
{
	test_plain();
	test_labels();
	test_seconds();
	test_remark();
	free(text);
	return test_done();
}

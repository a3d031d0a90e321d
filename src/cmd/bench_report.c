#include "cmd/bench_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

enum {
	BUSY_PERCENT = 90, /* below this share of the processor the machine was not ours */
	NUMBER_BYTES = 32,
};

static const char *const names[] = {
    [BENCH_READ] = "read",
    [BENCH_DECODE] = "decode",
    [BENCH_CLASSIFY] = "classify",
    [BENCH_OBSERVE] = "observe",
    [BENCH_DETECT] = "detect",
    [BENCH_WHOLE] = "whole",
    [BENCH_PLAIN] = "plain",
    [BENCH_PREFETCHED] = "prefetched",
};

const char *bench_stage_name(enum bench_stage stage)
{
	return names[stage];
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return x < y ? -1 : x > y;
}

double bench_median(double *values, size_t count)
{
	if (count == 0)
		return 0;
	qsort(values, count, sizeof *values, compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static double median_of(struct bench_results *results, enum bench_stage stage)
{
	return bench_median(results->ns_per_packet[stage], results->counts[stage]);
}

/* How far the repeats lie apart, as a share of their median. */
static double spread_of(struct bench_results *results, enum bench_stage stage)
{
	double median = median_of(results, stage);
	const double *values = results->ns_per_packet[stage];
	return median > 0 ? (values[results->counts[stage] - 1] - values[0]) / median : 0;
}

/* How many times as fast the whole path is as a bare loop; 0 when one of them was not measured. */
static double ratio_to(struct bench_results *results, enum bench_stage reference)
{
	double whole = median_of(results, BENCH_WHOLE);
	return whole > 0 ? median_of(results, reference) / whole : 0;
}

/* What the whole path takes beyond its stages: counting packets, verdicts and hosts. */
static double rest_of(struct bench_results *results)
{
	static const enum bench_stage parts[] = {
	    BENCH_READ, BENCH_DECODE, BENCH_OBSERVE, BENCH_DETECT};
	double rest = median_of(results, BENCH_WHOLE);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (results->counts[parts[i]] == 0)
			return 0;
		rest -= median_of(results, parts[i]);
	}
	return rest > 0 ? rest : 0;
}

/* 20000000 as "20,000,000". */
static const char *grouped(uint64_t number, char out[static NUMBER_BYTES])
{
	char plain[NUMBER_BYTES];
	int digits = snprintf(plain, sizeof plain, "%" PRIu64, number);
	char *to = out;
	for (int i = 0; i < digits; i++) {
		if (i > 0 && (digits - i) % 3 == 0)
			*to++ = ',';
		*to++ = plain[i];
	}
	*to = '\0';
	return out;
}

static void print_row(struct bench_results *results, enum bench_stage stage)
{
	if (results->counts[stage] == 0)
		return;
	double ns = median_of(results, stage);
	printf("%-10s %10.2f M/s %11.1f %8.0f %%", names[stage], ns > 0 ? 1e3 / ns : 0, ns,
	    spread_of(results, stage) * 100);
	if (results->peak_bytes[stage] > 0)
		printf(" %9.0f MB", (double)results->peak_bytes[stage] / 1e6);
	if (stage == BENCH_CLASSIFY)
		fputs("  (observe does it as well)", stdout);
	putchar('\n');
}

static void print_ratios(struct bench_results *results)
{
	for (int i = BENCH_PLAIN; i <= BENCH_PREFETCHED; i++) {
		double ratio = ratio_to(results, (enum bench_stage)i);
		if (ratio > 0)
			printf("\nwhole / %-10s  %.3f of its packets/s", names[i], ratio);
	}
	putchar('\n');
}

static double processor_share(const struct bench_results *results)
{
	return results->wall_ns > 0 ? (double)results->cpu_ns / (double)results->wall_ns : 0;
}

void bench_report_text(const struct bench_options *options, const struct bench_input *input,
    struct bench_results *results)
{
	char packets[NUMBER_BYTES], sources[NUMBER_BYTES];
	printf("%s: %s packets, %s sources, %.2f GB; --memory %zuM, %u worker, median of %u\n\n",
	    options->traffic->name, grouped(input->packets, packets),
	    grouped(input->sources, sources), (double)input->file_bytes / 1e9,
	    input->memory_bytes >> 20, options->workers, options->repeats);
	fputs("            packets/s   ns/packet     spread   peak memory\n", stdout);
	for (int stage = 0; stage < BENCH_STAGE_COUNT; stage++) {
		print_row(results, (enum bench_stage)stage);
		double rest = stage == BENCH_WHOLE ? rest_of(results) : 0;
		if (rest > 0)
			printf("  of it neither read, decode, observe nor detect: %.1f ns\n", rest);
	}
	print_ratios(results);
	if (results->counts[BENCH_WHOLE] > 0)
		printf("\n%" PRIu64 " findings, %" PRIu64 " records evicted\n", results->findings,
		    results->evicted);
	if (processor_share(results) * 100 < BUSY_PERCENT)
		printf("\nThe machine was busy: these runs got %.0f %% of a processor.\n",
		    processor_share(results) * 100);
}

static void write_stage(struct json *json, struct bench_results *results, enum bench_stage stage)
{
	double ns = median_of(results, stage);
	json_open_object(json, NULL);
	json_string(json, "stage", names[stage]);
	json_decimal(json, "packets_per_second", ns > 0 ? 1e9 / ns : 0, 0);
	json_decimal(json, "ns_per_packet", ns, 2);
	json_open_array(json, "repeats_ns_per_packet");
	for (size_t i = 0; i < results->counts[stage]; i++)
		json_decimal(json, NULL, results->ns_per_packet[stage][i], 2);
	json_close_array(json);
	if (results->peak_bytes[stage] > 0)
		json_unsigned(json, "peak_bytes", results->peak_bytes[stage]);
	json_close_object(json);
}

void bench_report_json(const struct bench_options *options, const struct bench_input *input,
    struct bench_results *results)
{
	struct json json;
	json_init(&json, stdout);
	json_open_object(&json, NULL);
	json_string(&json, "type", "bench");
	json_string(&json, "version", HINOMI_VERSION);
	json_string(&json, "traffic", options->traffic->name);
	json_unsigned(&json, "packets", input->packets);
	json_unsigned(&json, "sources", input->sources);
	json_unsigned(&json, "file_bytes", input->file_bytes);
	json_unsigned(&json, "memory_bytes", input->memory_bytes);
	json_unsigned(&json, "workers", options->workers);
	json_unsigned(&json, "repeat", options->repeats);
	json_open_array(&json, "stages");
	for (int stage = 0; stage < BENCH_STAGE_COUNT; stage++)
		if (results->counts[stage] > 0)
			write_stage(&json, results, (enum bench_stage)stage);
	json_close_array(&json);
	if (results->counts[BENCH_WHOLE] > 0) {
		json_unsigned(&json, "findings", results->findings);
		json_unsigned(&json, "evicted", results->evicted);
	}
	if (ratio_to(results, BENCH_PLAIN) > 0)
		json_decimal(&json, "whole_to_plain", ratio_to(results, BENCH_PLAIN), 4);
	if (ratio_to(results, BENCH_PREFETCHED) > 0)
		json_decimal(&json, "whole_to_prefetched", ratio_to(results, BENCH_PREFETCHED), 4);
	json_decimal(&json, "processor_share", processor_share(results), 3);
	json_close_object(&json);
	putchar('\n');
}

#include "cmd/bench_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

enum {
	BUSY_PERCENT = 90, /* below this share of the processor the machine was not ours */
	NUMBER_BYTES = 32,
	LEAST_NS = 1, /* a packet */
};

static const char *const names[] = {
    [BENCH_READ] = "read",
    [BENCH_DECODE] = "decode",
    [BENCH_CLASSIFY] = "classify",
    [BENCH_OBSERVE] = "observe",
    [BENCH_DETECT] = "detect",
    [BENCH_WHOLE] = "whole",
    [BENCH_WORKERS] = "workers",
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

/* How many times as fast several threads are as one, by the clock on the wall; 0: not measured. */
static double speedup_of(struct bench_results *results)
{
	double one =
	    bench_median(results->wall_per_packet[BENCH_WHOLE], results->counts[BENCH_WHOLE]);
	double several = median_of(results, BENCH_WORKERS);
	return several > 0 ? one / several : 0;
}

/* Packets for each second of processor time that making them took; 0: they were there. */
static double making_speed(const struct bench_input *input, const struct bench_results *results)
{
	return results->made_ns > 0 ? (double)input->packets * 1e9 / (double)results->made_ns : 0;
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

/*
 * What the whole path takes beyond its stages: counting verdicts, mostly. Below 0 when stages took
 * longer apart than they do together.
 */
static bool rest_of(struct bench_results *results, double *ret_rest)
{
	double rest = median_of(results, BENCH_WHOLE);
	for (int stage = BENCH_READ; stage <= BENCH_WHOLE; stage++)
		if (results->counts[stage] == 0)
			return false;
	for (int stage = BENCH_READ; stage <= BENCH_DETECT; stage++)
		rest -= median_of(results, (enum bench_stage)stage);
	*ret_rest = rest;
	return true;
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
	if (ns < LEAST_NS) /* of which nothing can be said */
		printf("%-10s              %13.1f           ", names[stage], ns);
	else
		printf("%-10s %10.2f M/s %11.1f %8.0f %%", names[stage], 1e3 / ns, ns,
		    spread_of(results, stage) * 100);
	if (results->peak_bytes[stage] > 0)
		printf(" %9.0f MB", (double)results->peak_bytes[stage] / 1e6);
	if (stage == BENCH_WORKERS)
		fputs("  (by the clock on the wall)", stdout);
	putchar('\n');
}

static void print_ratios(struct bench_results *results)
{
	double speedup = speedup_of(results);
	for (int i = BENCH_PLAIN; i <= BENCH_PREFETCHED; i++) {
		double ratio = ratio_to(results, (enum bench_stage)i);
		if (ratio > 0)
			printf("\nwhole / %-10s  %.3f of its packets/s", names[i], ratio);
	}
	if (speedup > 0)
		printf("\nworkers / whole     %.2f times its packets/s on the wall", speedup);
	if (speedup > 0 || ratio_to(results, BENCH_PLAIN) > 0 ||
	    ratio_to(results, BENCH_PREFETCHED) > 0)
		putchar('\n');
}

static double processor_share(const struct bench_results *results)
{
	return results->wall_ns > 0 ? (double)results->cpu_ns / (double)results->wall_ns : 0;
}

static void print_traffic(const struct bench_options *options, const struct bench_input *input,
    const struct bench_results *results)
{
	char packets[NUMBER_BYTES], sources[NUMBER_BYTES];
	double speed = making_speed(input, results);
	printf("%s: %s packets, %s%s sources", options->traffic->name,
	    grouped(input->packets, packets), options->streams ? "about " : "",
	    grouped(input->sources, sources));
	if (input->file_bytes > 0)
		printf(", %.2f GB", (double)input->file_bytes / 1e9);
	printf("; --memory %zuM, ", input->memory_bytes >> 20);
	if (options->workers > 1)
		printf("--workers %u, ", options->workers);
	printf("median of %u\n", options->repeats);
	if (speed > 0)
		printf("made at %.1f M packets/s of processor time%s\n", speed / 1e6,
		    options->streams ? ", anew for each run" : "");
	putchar('\n');
}

static unsigned count_found(const struct bench_input *input, const struct bench_results *results)
{
	unsigned all = (1U << input->expected_count) - 1;
	return (unsigned)__builtin_popcount(results->findings.found & all);
}

static void print_findings(const struct bench_input *input, const struct bench_results *results)
{
	const struct bench_figures *findings = &results->findings;
	char kept[NUMBER_BYTES], folded[NUMBER_BYTES], refused[NUMBER_BYTES], evicted[NUMBER_BYTES];
	printf("\nexpected findings: %u of %zu; other alarms: %" PRIu64 ", and %" PRIu64
	       " findings below an alarm\n",
	    count_found(input, results), input->expected_count, findings->others, findings->notes);
	for (size_t i = 0; i < input->expected_count; i++) {
		char subject[ADDRESS_TEXT_BYTES];
		if ((findings->found & 1U << i) != 0)
			continue;
		address_format(&input->expected[i].subject, subject);
		printf("missed: %s of %s\n", input->expected[i].rule, subject);
	}
	if (findings->kept + findings->folded + findings->refused > 0)
		printf("strangers: %s with a record, %s folded into sums; %s replies only added to "
		       "sums\n",
		    grouped(findings->kept, kept), grouped(findings->folded, folded),
		    grouped(findings->refused, refused));
	printf("evicted: %s other records\n", grouped(findings->evicted, evicted));
}

void bench_report_text(const struct bench_options *options, const struct bench_input *input,
    struct bench_results *results)
{
	print_traffic(options, input, results);
	fputs("            packets/s   ns/packet     spread   peak memory\n", stdout);
	for (int stage = 0; stage < BENCH_STAGE_COUNT; stage++) {
		double rest;
		print_row(results, (enum bench_stage)stage);
		if (stage == BENCH_WHOLE && rest_of(results, &rest))
			printf("  of it in none of the stages, or spared by not being apart: "
			       "%.1f ns\n",
			    rest);
	}
	print_ratios(results);
	if (results->has_findings)
		print_findings(input, results);
	bool is_busy = processor_share(results) * 100 < BUSY_PERCENT && !options->streams;
	if (is_busy)
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

static void write_findings(
    struct json *json, const struct bench_input *input, const struct bench_results *results)
{
	const struct bench_figures *findings = &results->findings;
	json_unsigned(json, "findings", findings->findings);
	json_unsigned(json, "expected", input->expected_count);
	json_unsigned(json, "expected_found", count_found(input, results));
	json_open_array(json, "missed");
	for (size_t i = 0; i < input->expected_count; i++) {
		char subject[ADDRESS_TEXT_BYTES];
		if ((findings->found & 1U << i) != 0)
			continue;
		address_format(&input->expected[i].subject, subject);
		json_open_object(json, NULL);
		json_string(json, "rule", input->expected[i].rule);
		json_string(json, "subject", subject);
		json_close_object(json);
	}
	json_close_array(json);
	json_unsigned(json, "other_alarms", findings->others);
	json_unsigned(json, "notes", findings->notes);
	json_unsigned(json, "evicted", findings->evicted);
	json_unsigned(json, "strangers_kept", findings->kept);
	json_unsigned(json, "strangers_folded", findings->folded);
	json_unsigned(json, "replies_refused", findings->refused);
}

static void write_ratio(struct json *json, const char *key, double ratio, int decimals)
{
	if (ratio > 0)
		json_decimal(json, key, ratio, decimals);
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
	json_bool(&json, "stream", options->streams);
	json_unsigned(&json, "repeat", options->repeats);
	json_open_array(&json, "stages");
	for (int stage = 0; stage < BENCH_STAGE_COUNT; stage++)
		if (results->counts[stage] > 0)
			write_stage(&json, results, (enum bench_stage)stage);
	json_close_array(&json);
	if (results->has_findings)
		write_findings(&json, input, results);
	write_ratio(&json, "made_packets_per_second", making_speed(input, results), 0);
	write_ratio(&json, "whole_to_plain", ratio_to(results, BENCH_PLAIN), 4);
	write_ratio(&json, "whole_to_prefetched", ratio_to(results, BENCH_PREFETCHED), 4);
	write_ratio(&json, "speedup", speedup_of(results), 3);
	json_decimal(&json, "processor_share", processor_share(results), 3);
	json_close_object(&json);
	putchar('\n');
}

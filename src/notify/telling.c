#include "notify/telling.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "notify/advice.h"
#include "notify/service.h"
#include "notify/wording_internal.h"

/* Where "2026-01-31T23:59:59.000001Z" has its T, and where its milliseconds end. */
enum {
	UTC_T = 10,
	UTC_MS_END = 23,
};

enum {
	RATE_BYTES = 32,
	SOUGHT_BYTES = SERVICE_PORTS_BYTES + 256,
};

/* A sentence after another, in the same paragraph. */
static void join(struct text *text, enum language language)
{
	if (text->length > 0)
		text_add(text, wording_get(language)->messages[MESSAGE_JOINT]);
}

static void join_sentence(struct text *text, enum language language, const char *sentence)
{
	join(text, language);
	text_add(text, sentence);
}

static void join_message(struct text *text, enum language language, enum message message,
    const struct value *values, size_t value_count)
{
	join(text, language);
	wording_add(text, language, message, values, value_count);
}

/* Milliseconds, as in the local time beside it: logs that it is joined with have no more. */
static void format_utc_ms(int64_t time_us, char out[static WHEN_TEXT_BYTES])
{
	static const char zone[] = " UTC";
	when_format_utc(time_us, out);
	out[UTC_T] = ' ';
	memcpy(out + UTC_MS_END, zone, sizeof zone);
}

void telling_add_stamp(
    struct text *text, enum language language, const char *local, int64_t time_us)
{
	char utc[WHEN_TEXT_BYTES];
	format_utc_ms(time_us, utc);
	if (strcmp(local, utc) == 0) {
		text_add(text, utc);
		return;
	}
	const struct value values[] = {value_of_text(local), value_of_text(utc)};
	wording_add(text, language, MESSAGE_STAMP, values, 2);
}

/* Words for a confidence; a percentage is rounded down, so that nothing is ever called 100 %. */
void telling_add_confidence(struct text *text, enum language language, double confidence)
{
	static const struct {
		double least;
		enum message message;
	} words[] = {
	    {0.95, MESSAGE_SURE_CERTAIN},
	    {0.80, MESSAGE_SURE_VERY_LIKELY},
	    {0.50, MESSAGE_SURE_LIKELY},
	    {0.00, MESSAGE_SURE_POSSIBLE},
	};
	if (!isfinite(confidence) || confidence < 0 || confidence > 1)
		return;
	double percent = confidence * 100 + 1e-6; /* 0.58 is a little less than 58 % */
	const struct value value = {.number = percent > 99 ? 99 : (int64_t)percent};
	size_t word = 0;
	while (confidence < words[word].least)
		word++;
	join_message(text, language, words[word].message, &value, 1);
}

void telling_add_sure(struct text *text, enum language language, const struct finding *finding)
{
	char why[WORDING_WHY_BYTES];
	telling_add_confidence(text, language, finding->confidence);
	wording_why(language, finding, why, sizeof why);
	join_sentence(text, language, why);
}

/* Said already where it is among the reasons of the estimate. */
static bool attribution_is_said(const struct finding *finding)
{
	for (size_t i = 0; i < finding->spoof_reason_count; i++) {
		uint8_t reason = finding->spoof_reasons[i].reason;
		if (reason == SPOOF_HANDSHAKE_SEEN || reason == SPOOF_TWO_WAY_SEEN)
			return finding->attribution != ATTRIBUTION_ONE_WAY;
	}
	return false;
}

void telling_add_attribution(
    struct text *text, enum language language, const struct finding *finding)
{
	const struct vocabulary *vocabulary = wording_get(language);
	/* What is said of the sender would fall on the machine that is flooded. */
	if (finding->rule == RULE_DDOS_INCOMING) {
		join_message(text, language, MESSAGE_SENDERS_NOT_ACCUSED, NULL, 0);
		return;
	}
	/* That addresses are forged is what spoof.member says as a whole. */
	if (finding->rule != RULE_SPOOF_MEMBER) {
		if (!attribution_is_said(finding))
			join_sentence(
			    text, language, vocabulary->attributions[finding->attribution]);
		join_sentence(text, language, vocabulary->spoofs[finding->spoof]);
	}
	for (size_t i = 0; i < finding->spoof_reason_count; i++) {
		char reason[WORDING_SPOOF_REASON_BYTES];
		bool said = finding->rule == RULE_SPOOF_MEMBER &&
			    finding->spoof_reasons[i].reason == SPOOF_CROWD_OF_MEMBER;
		if (said)
			continue;
		wording_spoof_reason(language, &finding->spoof_reasons[i], reason, sizeof reason);
		join_sentence(text, language, reason);
	}
}

static void join_rate(struct text *text, enum language language, double packets_per_s)
{
	if (!(packets_per_s > 0) || packets_per_s > 1e15) /* not a number, or none that was seen */
		return;
	char rate[RATE_BYTES];
	struct text inner;
	int64_t tenths = (int64_t)(packets_per_s * 10 + 0.5);
	text_init(&inner, rate, sizeof rate);
	text_add_number(&inner, tenths / 10);
	if (tenths < 1000 && tenths % 10 != 0) { /* below 100 a tenth says something */
		text_add(&inner, ".");
		text_add_number(&inner, tenths % 10);
	}
	const struct value value = value_of_text(rate);
	join_message(text, language, MESSAGE_NUMBERS_RATE, &value, 1);
}

static enum message counts_of(const struct finding *finding)
{
	if (finding->rule == RULE_DDOS_INCOMING)
		return MESSAGE_NUMBERS_RECEIVED;
	if (finding->rule == RULE_DDOS_VICTIM || finding->rule == RULE_DDOS_REFLECTOR)
		return MESSAGE_NUMBERS_ANSWERED;
	return MESSAGE_NUMBERS_SENT;
}

void telling_add_counts(struct text *text, enum language language, const struct finding *finding)
{
	const struct vocabulary *vocabulary = wording_get(language);
	enum message counts = counts_of(finding);
	uint64_t others = counts == MESSAGE_NUMBERS_RECEIVED ? finding->sources : finding->targets;
	const struct value both[] = {value_of_count(finding->packets), value_of_count(others)};
	const struct value dark = value_of_count(finding->dark_targets);
	join_message(text, language, counts, both, 2);
	if (finding->dark_targets > 0)
		join_message(text, language, MESSAGE_NUMBERS_DARK, &dark, 1);
	join_rate(text, language, finding->packets_per_s);
	if (finding->tool >= 0) {
		const struct value tool[] = {value_of_count(finding->tool_packets),
		    value_of_text(vocabulary->tools[finding->tool])};
		join_message(text, language, MESSAGE_NUMBERS_TOOL, tool, 2);
	}
	const struct value role = value_of_text(vocabulary->roles[finding->role]);
	if (finding->rule != RULE_SPOOF_MEMBER) /* its machines did nothing */
		join_message(text, language, MESSAGE_NUMBERS_ROLE, &role, 1);
	/* ARP has no ports to speak of. */
	if (finding->shape != SHAPE_NONE && finding->rule != RULE_SCAN_SWEEP) {
		const struct value shape = value_of_text(vocabulary->shapes[finding->shape]);
		join_message(text, language, MESSAGE_NUMBERS_SHAPE, &shape, 1);
	}
}

void telling_add_port(struct text *text, enum language language, const struct finding_port *port)
{
	char name[SERVICE_PORT_BYTES];
	struct text inner;
	text_init(&inner, name, sizeof name);
	service_add_port(&inner, language, port, true);
	const struct value values[] = {
	    value_of_text(name), value_of_count(port->packets), value_of_count(port->targets)};
	wording_add(text, language,
	    port->targets > 0 ? MESSAGE_NUMBERS_PORT : MESSAGE_NUMBERS_PORT_PACKETS, values, 3);
}

void telling_add_source_port_list(struct text *text, const struct finding *finding)
{
	for (size_t i = 0; i < finding->source_port_count; i++) {
		char port[8];
		(void)snprintf(port, sizeof port, "%u", (unsigned)finding->source_ports[i]);
		if (i > 0)
			text_add(text, ", ");
		text_add(text, port);
	}
}

size_t telling_step_count(enum language language, const struct finding *finding)
{
	const char *const *steps = wording_get(language)->steps[advice_for(finding)];
	size_t count = 0;
	while (count < ADVICE_STEPS_MAX && steps[count] != NULL)
		count++;
	return count;
}

void telling_add_step(struct text *text, enum language language, const struct finding *finding,
    size_t step, const char *local)
{
	const struct vocabulary *vocabulary = wording_get(language);
	char address[ADDRESS_TEXT_BYTES];
	char ports[SERVICE_PORTS_BYTES];
	char sought[SOUGHT_BYTES];
	struct text inner;
	assert(step < telling_step_count(language, finding));
	address_format(&finding->subject, address);
	text_init(&inner, ports, sizeof ports);
	service_add_ports(&inner, language, finding);
	/* "Windows file shares (TCP 445)": a sentence to be said to a vendor needs both. */
	const struct value both[] = {
	    value_of_text(vocabulary->sought[service_sought(finding)]), value_of_text(ports)};
	text_init(&inner, sought, sizeof sought);
	wording_add(&inner, language, MESSAGE_SOUGHT, both, 2);
	const struct value values[] = {value_of_text(address), value_of_text(sought),
	    value_of_text(local), value_of_text(ports)};
	text_add_phrase(text, vocabulary->steps[advice_for(finding)][step], values, 4);
}

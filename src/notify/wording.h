/*
 * wording.h - what people read, in English and Japanese: one table of messages per language.
 *
 * A test holds that no message lacks either language and that both use the same placeholders.
 */
#ifndef NOTIFY_WORDING_H
#define NOTIFY_WORDING_H

#include <stddef.h>

#include "detect/finding.h"

struct text;

enum language {
	LANGUAGE_EN,
	LANGUAGE_JA,
	LANGUAGE_COUNT
};

enum {
	WORDING_WHY_BYTES = 4096,         /* all reasons that a finding can hold, in any language */
	WORDING_SPOOF_REASON_BYTES = 512, /* one sentence in any language */
};

/* "en" or "ja" to its number; -1 for any other. */
int language_find(const char *name);
/* From LC_ALL, LC_MESSAGES, LANG as setlocale would take them: ja for ja*, else en. */
enum language language_of_environment(void);

/*
 * One sentence or more that say why, from a finding's reasons, as `why` in JSON and in the text.
 * Always ends the text with NUL; what does not fit is cut at a whole character.
 */
void wording_why(
    enum language language, const struct finding *finding, char *out, size_t out_bytes);
const char *wording_severity(enum language language, enum severity severity); /* "high" */
/* One reason of the spoof estimate. */
void wording_spoof_reason(
    enum language language, const struct finding_spoof *reason, char *out, size_t out_bytes);
/* "4 min 13 s"; negative counts as nothing. */
void wording_add_duration(struct text *text, enum language language, int64_t duration_us);

#endif

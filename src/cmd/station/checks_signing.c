/* checks_signing.c - the key and the certificate by which notices are signed. */
#include <time.h>

#include "base/when.h"
#include "cmd/station/checks.h"
#include "cmd/station/signing_files.h"

enum {
	SOON_DAYS = 30, /* as the operator's first letter (certificate_watch.h) */
};

/* Until when it is good. False where it is not now. */
static bool check_dates(struct checking *checking, const struct certificate_facts *facts)
{
	char until[WHEN_TEXT_BYTES];
	char from[WHEN_TEXT_BYTES];
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* it is always there */
	const int64_t wall_us = (int64_t)now.tv_sec * WHEN_SECOND_US;
	when_format_utc(facts->until_us, until);
	when_format_utc(facts->from_us, from);
	if (wall_us >= facts->until_us)
		check_say(checking, CHECK_WRONG, WORD_SIGNING_ENDED, VALUES(value_of_text(until)));
	else if (wall_us < facts->from_us)
		check_say(checking, CHECK_WRONG, WORD_SIGNING_LATER, VALUES(value_of_text(from)));
	else if (facts->until_us - wall_us <= SOON_DAYS * WHEN_DAY_US)
		check_say(checking, CHECK_WARNING, WORD_SIGNING_ENDS, VALUES(value_of_text(until)));
	else
		return true;
	return false;
}

static void check_signer(struct checking *checking, const struct certificate *certificate)
{
	const char *from = checking->config.mail.from;
	struct certificate_facts facts;
	char until[WHEN_TEXT_BYTES];
	certificate_describe(certificate, &facts);
	bool is_good = check_dates(checking, &facts);
	if (!certificate_is_for(certificate, from)) {
		check_say(checking, CHECK_WARNING, WORD_SIGNING_OTHER,
		    VALUES(value_of_text(facts.subject), value_of_text(from)));
		is_good = false;
	}
	if (facts.is_self_signed) {
		check_say(checking, CHECK_WARNING, WORD_SIGNING_SELF, NULL, 0);
		is_good = false;
	}
	when_format_utc(facts.until_us, until);
	if (is_good)
		check_say(checking, CHECK_OK, WORD_SIGNING_OK,
		    VALUES(value_of_text(facts.algorithm), value_of_text(until)));
}

void check_signing(struct checking *checking)
{
	const struct station_config_sign *sign = &checking->config.mail.sign;
	struct complaint complaint;
	struct smime_signer *signer = NULL;
	if (sign->key[0] == '\0') {
		check_say(checking, CHECK_OK, WORD_SIGNING_UNNEEDED, NULL, 0);
		return;
	}
	if (signing_open(&checking->dir, sign, &signer, &complaint) != 0)
		check_say(checking, CHECK_WRONG, WORD_SAYS, VALUES(value_of_text(complaint.text)));
	else
		check_signer(checking, smime_signer_certificate(signer));
	smime_signer_free(signer);
}

/* How many of a member sent anything at a time, against a plain count over all of them. */
#include "detect/spoof_member/senders.h"

#include <stdlib.h>

#include "base/hash.h"
#include "test.h"

enum {
	MEMBERS = 3,
	SUBJECTS = 400,
	TRACKS = 3,
	TIMES = 1000,
	QUESTIONS = 2000,
};

static struct subject subjects[SUBJECTS];
static struct track tracks[SUBJECTS][TRACKS];
static uint64_t drawn;

/* Below `bound`; the same in each run. */
static uint64_t draw(uint64_t bound)
{
	drawn++;
	return hash_bytes(&drawn, sizeof drawn, 1) % bound;
}

static void make_track(struct track *track)
{
	int64_t at = (int64_t)draw(TIMES);
	track->sum.key.kind = draw(5) == 0 ? SIGHTING_FLOODED : SIGHTING_REQUEST;
	track->interval_count = (uint8_t)draw(TRACK_INTERVALS_MAX + 1);
	for (size_t i = 0; i < track->interval_count; i++) {
		track->intervals[i].first_us = at;
		track->intervals[i].last_us = at + (int64_t)draw(40);
		at = track->intervals[i].last_us + 1 + (int64_t)draw(80);
	}
}

static void make_all(struct senders *senders)
{
	for (size_t i = 0; i < SUBJECTS; i++) {
		subjects[i].member = (int)draw(MEMBERS);
		const uint64_t count = draw(TRACKS + 1);
		for (uint64_t j = 0; j < count; j++) {
			make_track(&tracks[i][j]);
			tracks[i][j].next = subjects[i].tracks;
			subjects[i].tracks = &tracks[i][j];
		}
		if (senders_add(senders, &subjects[i]) != 0)
			abort();
	}
}

static bool sent(const struct subject *subject, int64_t first_us, int64_t last_us)
{
	for (const struct track *track = subject->tracks; track != NULL; track = track->next)
		for (size_t i = 0; i < track->interval_count; i++)
			if (track->sum.key.kind < SIGHTING_FLOODED &&
			    track->intervals[i].first_us <= last_us &&
			    track->intervals[i].last_us >= first_us)
				return true;
	return false;
}

static uint64_t count(int member, int64_t first_us, int64_t last_us)
{
	uint64_t counted = 0;
	for (size_t i = 0; i < SUBJECTS; i++)
		counted += subjects[i].member == member && sent(&subjects[i], first_us, last_us);
	return counted;
}

static void test_questions(struct senders *senders)
{
	int wrong = 0;
	int cut = 0;
	for (int i = 0; i < QUESTIONS; i++) {
		const int member = i * MEMBERS / QUESTIONS;
		const int64_t first_us = (int64_t)draw(TIMES * 2) - TIMES / 4;
		const int64_t last_us = first_us + (int64_t)draw(i % 2 == 0 ? 5 : TIMES);
		const uint64_t expected = count(member, first_us, last_us);
		const uint64_t enough = draw(SUBJECTS / 4);
		if (senders_choose(senders, member) != 0)
			abort();
		wrong += senders_count(senders, first_us, last_us, UINT64_MAX) != expected;
		wrong += senders_count(senders, first_us, last_us, enough) !=
			 (expected < enough ? expected : enough);
		cut += expected > enough;
	}
	OK(wrong == 0 && cut > QUESTIONS / 20, "as many as a plain count finds, up to enough");
}

int main(void)
{
	struct senders *senders = senders_new();
	OK(senders != NULL && senders_choose(senders, 0) == 0 &&
		senders_count(senders, INT64_MIN, INT64_MAX, UINT64_MAX) == 0,
	    "of nobody there is none");
	senders_free(senders);
	senders = senders_new();
	make_all(senders);
	test_questions(senders);
	OK(senders_choose(senders, MEMBERS) == 0 &&
		senders_count(senders, INT64_MIN, INT64_MAX, UINT64_MAX) == 0,
	    "nor of a member of which nothing is known");
	senders_free(senders);
	return test_done();
}

/*
 * ledger_live.c - a ledger that is judged while it grows, for months.
 *
 * Two lists go through the members' subjects: of whom something is new, and who did anything in the
 * window that has not ended. So a turn costs what is new, however many subjects there are.
 */
#include "base/hash.h"
#include "base/table.h"
#include "detect/ledger_internal.h"

static void link_to(struct subject **list, struct subject *subject, struct subject_link *link,
    struct subject_link *link_of_first)
{
	if (link->before != NULL)
		return;
	link->next = *list;
	link->before = list;
	if (link_of_first != NULL)
		link_of_first->before = &link->next;
	*list = subject;
}

static void unlink_from(struct subject_link *link, struct subject_link *link_of_next)
{
	if (link->before == NULL)
		return;
	*link->before = link->next;
	if (link_of_next != NULL)
		link_of_next->before = link->before;
	*link = (struct subject_link){NULL, NULL};
}

static void add_changed(struct ledger *ledger, struct subject *subject)
{
	struct subject *first = ledger->changed;
	link_to(
	    &ledger->changed, subject, &subject->changed, first == NULL ? NULL : &first->changed);
}

void ledger_note_change(struct ledger *ledger, struct subject *subject)
{
	struct subject *first = ledger->fresh;
	if (subject->member == MEMBER_NONE)
		return;
	add_changed(ledger, subject);
	link_to(&ledger->fresh, subject, &subject->fresh, first == NULL ? NULL : &first->fresh);
}

void ledger_mark_changed(struct ledger *ledger, struct subject *subject)
{
	if (ledger->options.is_live && subject->member != MEMBER_NONE)
		add_changed(ledger, subject);
}

void ledger_mark_all_changed(struct ledger *ledger)
{
	size_t position = 0;
	struct subject *subject;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		ledger_mark_changed(ledger, subject);
}

static void take_off(struct subject *subject)
{
	struct subject *next = subject->changed.next;
	unlink_from(&subject->changed, next == NULL ? NULL : &next->changed);
}

static void take_off_fresh(struct subject *subject)
{
	struct subject *next = subject->fresh.next;
	unlink_from(&subject->fresh, next == NULL ? NULL : &next->fresh);
}

void ledger_unlink(struct subject *subject)
{
	take_off(subject);
	take_off_fresh(subject);
}

struct subject *ledger_take_changed(struct ledger *ledger)
{
	struct subject *subject = ledger->changed;
	if (subject != NULL)
		take_off(subject);
	return subject;
}

static void settle_subject(struct ledger *ledger, struct subject *subject)
{
	for (struct track *track = subject->tracks; track != NULL; track = track->next)
		ledger_fold_track(ledger, track);
	ledger_fold_walk(&subject->walk, subject->window_us);
	ledger_find_answers_of(ledger, subject);
	add_changed(ledger, subject);
}

void ledger_settle(struct ledger *ledger)
{
	ledger_find_routers(ledger);
	while (ledger->fresh != NULL) {
		struct subject *subject = ledger->fresh;
		take_off_fresh(subject);
		settle_subject(ledger, subject);
	}
}

static void silence_hosts(struct ledger *ledger, int64_t time_us)
{
	size_t position = 0;
	struct known_host *host;
	while ((host = table_next(ledger->hosts.table, &position)) != NULL)
		if (host->heard_us < time_us)
			host->flags = host->always;
}

void ledger_forget_before(struct ledger *ledger, int64_t time_us)
{
	size_t position = 0;
	struct subject *subject;
	ledger->forgotten_us = time_us;
	while ((subject = table_next(ledger->subjects, &position)) != NULL)
		if (subject->last_us < time_us && subject->window_us < time_us)
			ledger_forget(ledger, subject);
	silence_hosts(ledger, time_us);
}

void ledger_set_registry(struct ledger *ledger, const struct registry *registry)
{
	size_t position = 0;
	struct subject *subject;
	ledger->options.registry = registry;
	ledger->strangers_gap_us = ledger_strangers_gap_us(registry, ledger->options.thresholds);
	while ((subject = table_next(ledger->subjects, &position)) != NULL) {
		subject->member = registry_find_member(registry, &subject->address);
		if (subject->member == MEMBER_NONE)
			ledger_unlink(subject);
		else
			add_changed(ledger, subject);
	}
}

void ledger_know_host(struct ledger *ledger, const struct address *address, uint32_t flags)
{
	const struct host host = {.address = *address, .flags = flags};
	ledger_add_host(ledger, &host);
	struct known_host *known =
	    pool_find(&ledger->hosts, address, hash_address(address, ledger->seed));
	if (known != NULL)
		known->always |= flags;
}

void ledger_set_settled(struct ledger *ledger, int64_t time_us)
{
	ledger->settled_us = time_us;
}

int64_t ledger_forgotten_us(const struct ledger *ledger)
{
	return ledger->forgotten_us;
}

int64_t ledger_settled_us(const struct ledger *ledger)
{
	return ledger->settled_us;
}

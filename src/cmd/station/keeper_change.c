/* keeper_change.c - what somebody changes goes into one transaction with what is due anyway. */
#include <errno.h>

#include "cmd/station/keeper_internal.h"

/* What is put, and with the roster that comes of it what follows. */
static int put_change(struct keeper *keeper, const struct keeper_change *change,
    struct roster **ret_roster, struct complaint *complaint)
{
	const struct roster *next = keeper->roster;
	int result = change->put == NULL ? 0 : change->put(change->context, complaint);
	if (result == 0 && change->changes_roster) {
		result = roster_read(
		    keeper->options.store, &keeper->options.roster, ret_roster, complaint);
		next = *ret_roster;
	}
	if (result == 0 && change->follow != NULL)
		result = change->follow(change->context, next, complaint);
	return result;
}

int keeper_change(struct keeper *keeper, const struct keeper_clock *clock,
    const struct keeper_change *change, struct complaint *complaint)
{
	struct store *store = keeper->options.store;
	struct roster *roster = NULL;
	int result = keeper->is_lost ? complain(complaint, -EIO, "the database cannot be written")
				     : keeper_reopen_store(keeper, complaint);
	if (result == 0)
		result = store_begin(store, complaint);
	if (result != 0)
		return result;
	result = put_change(keeper, change, &roster, complaint);
	if (result != 0) {
		store_rollback(store);
		roster_free(roster);
		return result;
	}
	result = keeper_write_all(keeper, clock, false, complaint);
	if (result != 0)
		store_rollback(store);
	else
		result = keeper_commit(keeper, complaint);
	if (result != 0) {
		keeper_note_failure(keeper, clock, complaint);
		roster_free(roster);
		return result;
	}
	keeper_note_commit(keeper, clock, false);
	return roster == NULL ? 0 : keeper_set_roster(keeper, roster, complaint);
}

/* Which processes there are, and which of them end again and again. */
#include "cmd/station/rollcall.h"

#include <string.h>

#include "test.h"

static const struct duty rows[] = {{.name = "keeper"}, {.name = "courier"}};
static const struct duty_table table = {.duties = rows, .duty_count = 2};
static struct rollcall rollcall;
static int64_t now_us;

static void begin(void)
{
	now_us = WHEN_HOUR_US;
	rollcall_init(&rollcall, &table, WHEN_DAY_US);
}

static void note(struct duty_event event)
{
	event.duty = 1;
	rollcall_note(&rollcall, &event, now_us);
}

static void die(void)
{
	note((struct duty_event){.kind = DUTY_STARTED});
	note((struct duty_event){
	    .kind = DUTY_DIED, .exit_status = -1, .signal = 11, .restart_us = 100});
}

static struct roll_duty look(void)
{
	static struct roll roll;
	rollcall_fill(&rollcall, now_us, &roll);
	return roll.duties[2]; /* the parent is first */
}

static void test_failing(void)
{
	begin();
	die();
	now_us += 4 * WHEN_MINUTE_US;
	die();
	OK(look().ends == 2 && !look().is_failing, "two ends are none too many");
	now_us += 5 * WHEN_MINUTE_US;
	die();
	OK(look().ends == ROLLCALL_ENDS_FAILING && look().is_failing,
	    "three within ten minutes are");
	OK(strcmp(look().why, "signal 11") == 0, "how it ended is known");
	now_us += WHEN_MINUTE_US - 1;
	OK(look().is_failing, "as long as it is so");
	now_us += 1;
	OK(look().ends == 2 && !look().is_failing, "it is over when the first is ten minutes ago");
}

static void test_far_apart(void)
{
	begin();
	bool any = false;
	for (int i = 0; i < 100; i++) {
		now_us += 5 * WHEN_MINUTE_US;
		die();
		any |= look().is_failing != 0;
	}
	OK(!any, "one that ends each five minutes does not count as failing");
}

static void test_many(void)
{
	begin();
	for (int i = 0; i <= ROLLCALL_ENDS_MAX; i++)
		die();
	OK(look().ends == ROLLCALL_ENDS_MAX, "of more than are remembered the last ones count");
}

static void test_asked_to(void)
{
	begin();
	for (int i = 0; i < 5; i++) {
		note((struct duty_event){.kind = DUTY_STOPPED, .restart_us = -1});
		note((struct duty_event){.kind = DUTY_DIED, .signal = 9, .restart_us = -1});
	}
	OK(look().ends == 0 && look().why[0] == '\0', "who is asked to end does not fail");
}

static void test_reasons(void)
{
	begin();
	note((struct duty_event){.kind = DUTY_WAS_SILENT});
	note((struct duty_event){
	    .kind = DUTY_DIED, .exit_status = -1, .signal = 9, .restart_us = 100});
	OK(strcmp(look().why, "it gave no answer") == 0, "who is killed by us was silent before");
	die();
	OK(strcmp(look().why, "signal 11") == 0, "which is not said of the next one");
	note((struct duty_event){.kind = DUTY_DIED, .exit_status = 3, .restart_us = 100});
	OK(strcmp(look().why, "exit status 3") == 0, "an exit");
	note((struct duty_event){.kind = DUTY_FAILED, .error = -12, .restart_us = 100});
	OK(strcmp(look().why, strerror(12)) == 0 && look().is_failing,
	    "one that cannot be started");
}

int main(void)
{
	test_failing();
	test_far_apart();
	test_many();
	test_asked_to();
	test_reasons();
	return test_done();
}

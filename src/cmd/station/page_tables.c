#include "cmd/station/page_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/page_csv.h"

static const char api[] = "/api/v1";
const char page_tables_type[] = "text/csv; charset=utf-8";

/* A table that is being made. */
struct making {
	struct page_question *question;
	struct page_answer *answer;
	struct page_table table;
	char *text;
	size_t length;
	int64_t max; /* rows */
	bool is_over;
};

struct job {
	struct http_request *request; /* NULL: free */
	struct page_question question;
	struct page_who who;
	struct making making;
	uint64_t number; /* in the order in which they came */
};

struct page_tables {
	struct page *page;
	struct job jobs[PAGE_TABLES_MAX];
	struct job *current; /* NULL: none is being made */
	uint64_t count;
	uint64_t timer;            /* 0: nothing is to be done */
	struct page_answer answer; /* large */
};

/* ---- Steps ---- */

static unsigned begin(
    struct making *making, struct page_question *question, struct page_answer *answer)
{
	const struct page_part *part = page_part(question);
	*making = (struct making){.question = question, .answer = answer};
	making->max =
	    question->route->is_list ? page_number(question, "limit", PAGE_CSV_MAX) : PAGE_CSV_MAX;
	making->table.path = part != NULL ? part->rows : "items";
	making->table.out = open_memstream(&making->text, &making->length);
	question->is_table = true;
	return making->table.out != NULL
		   ? 200
		   : page_refuse(answer, PROBLEM(503, NULL, NULL), "there is no memory now");
}

/* Whether what was written is whole; the text is there then. */
static bool end(struct making *making)
{
	if (making->table.out == NULL)
		return false;
	const bool failed = ferror(making->table.out) != 0;
	const bool is_closed = fclose(making->table.out) == 0;
	making->table.out = NULL;
	return is_closed && !failed;
}

static void release(struct making *making)
{
	(void)end(making); /* nobody reads it */
	free(making->text);
	making->text = NULL;
}

static const char *const *columns_of(const struct making *making)
{
	const struct page_part *part = page_part(making->question);
	if (part != NULL)
		return part->columns;
	return making->answer->columns != NULL ? making->answer->columns
					       : making->question->route->columns;
}

/* The next page of a list; what is no list is asked as it is. */
static void go_on(const struct making *making)
{
	struct page_problem unused;
	char limit[24];
	const int64_t left = making->max - making->table.rows;
	if (!making->question->route->is_list)
		return;
	(void)snprintf(limit, sizeof limit, "%lld",
	    (long long)(left < PAGE_TABLE_STEP ? left : PAGE_TABLE_STEP));
	(void)page_take(making->question, "limit", limit, &unused);
	if (making->table.next[0] != '\0')
		(void)page_take(making->question, "after", making->table.next, &unused);
}

static bool has_more(const struct making *making)
{
	const struct page_table *table = &making->table;
	return table->is_begun || (making->question->route->is_list && table->next[0] != '\0' &&
				      table->rows < making->max);
}

/* One page more; of what is read in steps itself (an incident's trace) one of those. */
static unsigned step(struct making *making)
{
	struct page_table *table = &making->table;
	char *text = NULL;
	size_t length = 0;
	go_on(making);
	const unsigned status = page_read_row(making->question, making->answer, &text, &length);
	if (status != 200)
		return status;
	if (table->columns == NULL) {
		table->columns = columns_of(making);
		page_csv_head(table);
	}
	const int result = page_csv_rows(table, text, length, &making->answer->complaint);
	free(text);
	making->is_over = result == 0 && !has_more(making);
	return result == 0 ? 200 : page_broken(making->answer);
}

unsigned page_tables_first(const struct page_question *question, struct page_answer *answer,
    char **ret_bytes, size_t *ret_count)
{
	static struct page_question copy; /* large */
	struct making making;
	copy = *question;
	unsigned status = begin(&making, &copy, answer);
	if (status == 200)
		status = step(&making);
	const bool is_over = making.is_over;
	if (status == 200 && is_over && !end(&making))
		status = page_refuse(answer, PROBLEM(503, NULL, NULL), "there is no memory now");
	*ret_bytes = NULL;
	if (status == 200 && is_over) {
		*ret_bytes = making.text;
		*ret_count = making.length;
		making.text = NULL;
	}
	release(&making);
	return status;
}

/* ---- Tables that take longer ---- */

static struct job *oldest(struct page_tables *tables)
{
	struct job *oldest = NULL;
	for (size_t i = 0; i < PAGE_TABLES_MAX; i++) {
		struct job *job = &tables->jobs[i];
		if (job->request != NULL && (oldest == NULL || job->number < oldest->number))
			oldest = job;
	}
	return oldest;
}

static void finish(struct page_tables *tables, struct job *job)
{
	struct page_store *database = page_database(tables->page);
	page_store_close_beside(database, job->question.store);
	release(&job->making);
	job->request = NULL;
	tables->current = NULL;
}

static void give(struct page_tables *tables, struct job *job)
{
	char filename[PAGE_FILENAME_BYTES];
	const struct making *making = &job->making;
	page_tables_name(&job->question, filename);
	const struct http_reply reply = {.status = 200,
	    .type = page_tables_type,
	    .bytes = making->text,
	    .count = making->length,
	    .caching = HTTP_NO_STORE,
	    .filename = filename,
	    .is_plain = true};
	http_reply(job->request, &reply);
	finish(tables, job);
}

static void refuse(struct page_tables *tables, struct job *job)
{
	if (tables->answer.complaint.text[0] != '\0')
		page_say_trouble(tables->page, &tables->answer.complaint);
	page_problem_give(job->request, &tables->answer.problem);
	finish(tables, job);
}

/* Its moment of the database begins. */
static unsigned start(struct page_tables *tables, struct job *job)
{
	struct page_answer *answer = &tables->answer;
	memset(answer, 0, sizeof *answer);
	job->question.store = NULL;
	tables->current = job;
	if (page_store_open_beside(
		page_database(tables->page), &job->question.store, &answer->complaint) != 0)
		return page_broken(answer);
	return begin(&job->making, &job->question, answer);
}

static void work(struct page_tables *tables)
{
	struct job *job = tables->current != NULL ? tables->current : oldest(tables);
	unsigned status = 200;
	if (job == NULL)
		return;
	job->question.world = page_world(tables->page);
	if (job != tables->current)
		status = start(tables, job);
	if (status == 200)
		status = step(&job->making);
	if (status == 200 && job->making.is_over && !end(&job->making))
		status = page_refuse(
		    &tables->answer, PROBLEM(503, NULL, NULL), "there is no memory now");
	if (status != 200)
		refuse(tables, job);
	else if (job->making.is_over)
		give(tables, job);
}

static void run(void *context, uint32_t what);

/* False: the loop has no room, which it always has for one of us. */
static bool schedule(struct page_tables *tables)
{
	const struct loop_call call = {run, tables};
	return tables->timer != 0 ||
	       loop_add_timer(page_loop(tables->page), 0, 0, call, &tables->timer) == 0;
}

static void run(void *context, uint32_t what)
{
	struct page_tables *tables = context;
	(void)what;
	tables->timer = 0;
	work(tables);
	struct job *job = oldest(tables);
	while (job != NULL && !schedule(tables)) {
		page_tell(job->request, PROBLEM(503, NULL, NULL), "there is no memory now");
		finish(tables, job);
		job = oldest(tables);
	}
}

void page_tables_add(
    struct page_tables *tables, struct http_request *request, const struct page_question *question)
{
	struct job *job = NULL;
	for (size_t i = 0; i < PAGE_TABLES_MAX && job == NULL; i++)
		if (tables->jobs[i].request == NULL)
			job = &tables->jobs[i];
	if (job == NULL || !schedule(tables)) {
		page_tell(request, PROBLEM(503, NULL, "table.many"),
		    "other tables are being made: wait for some seconds");
		return;
	}
	*job = (struct job){.request = request, .who = *question->who, .number = ++tables->count};
	job->question = *question;
	job->question.who = &job->who;
	job->question.store = NULL;
}

/* ---- The whole ---- */

void page_tables_name(const struct page_question *question, char out[static PAGE_FILENAME_BYTES])
{
	const struct page_part *part = page_part(question);
	size_t segment = 0;
	size_t length = (size_t)snprintf(out, PAGE_FILENAME_BYTES, "hinomi");
	for (const char *at = question->route->path + strlen(api); *at != '\0';) {
		const int count = (int)strcspn(at + 1, "/");
		const bool is_open = at[1] == '{';
		const char *text = is_open ? question->segments[segment] : at + 1;
		length += (size_t)snprintf(out + length, PAGE_FILENAME_BYTES - length, "-%.*s",
		    is_open ? PAGE_TEXT_BYTES : count, text);
		segment += is_open;
		at += 1 + count;
	}
	(void)snprintf(out + length, PAGE_FILENAME_BYTES - length, "%s%s.csv",
	    part != NULL ? "-" : "", part != NULL ? part->name : "");
}

int page_tables_new(struct page *page, struct page_tables **ret_tables)
{
	struct page_tables *tables = calloc(1, sizeof *tables);
	if (tables == NULL)
		return -ENOMEM;
	tables->page = page;
	*ret_tables = tables;
	return 0;
}

void page_tables_free(struct page_tables *tables)
{
	if (tables == NULL)
		return;
	loop_remove(page_loop(tables->page), tables->timer);
	if (tables->current != NULL)
		finish(tables, tables->current);
	free(tables);
}

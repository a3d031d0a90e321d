#include "cmd/station/page_problem.h"

#include <stdio.h>

unsigned page_problem_take(struct page_problem *problem, const struct page_reason *reason,
    const char *format, va_list arguments)
{
	va_list again;
	problem->status = reason->status;
	problem->after_s = reason->after_s;
	refusal_set(&problem->refusal, reason->code != NULL ? reason->code : "", NULL);
	(void)snprintf(problem->field, sizeof problem->field, "%s",
	    reason->field != NULL ? reason->field : "");
	va_copy(again, arguments);
	(void)vsnprintf(problem->detail, sizeof problem->detail, format, again); /* cut: told */
	va_end(again);
	if (reason->code != NULL)
		refusal_take(&problem->refusal, reason->code, format, arguments);
	return reason->status;
}

unsigned page_problem_set(
    struct page_problem *problem, const struct page_reason *reason, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	(void)page_problem_take(problem, reason, format, arguments);
	va_end(arguments);
	return reason->status;
}

void page_problem_give(struct http_request *request, const struct page_problem *problem)
{
	const char *values[REFUSAL_VALUES_MAX];
	const struct refusal *refusal = &problem->refusal;
	for (size_t i = 0; i < refusal->count; i++)
		values[i] = refusal->values[i].text;
	const struct http_trouble trouble = {.status = problem->status,
	    .field = problem->field[0] != '\0' ? problem->field : NULL,
	    .detail = problem->detail,
	    .code = refusal->code,
	    .values = values,
	    .value_count = refusal->count,
	    .after_s = problem->after_s};
	http_tell(request, &trouble);
}

void page_tell(
    struct http_request *request, const struct page_reason *reason, const char *format, ...)
{
	struct page_problem problem;
	va_list arguments;
	va_start(arguments, format);
	(void)page_problem_take(&problem, reason, format, arguments);
	va_end(arguments);
	page_problem_give(request, &problem);
}

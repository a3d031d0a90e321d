#include "cmd/station/page_order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	AGAIN_S = 3, /* what waits for the hasher is done by then */
};

static void refuse_memory(struct http_request *request)
{
	page_tell(request, PROBLEM(503, NULL, NULL), "there is no memory now");
}

struct page_order *page_order_new(struct page *page, struct http_request *request,
    const struct page_question *question, const char *name)
{
	struct page_order *order = calloc(1, sizeof *order);
	if (order != NULL)
		order->out = open_memstream(&order->text, &order->call.length);
	if (order == NULL || order->out == NULL) {
		free(order);
		refuse_memory(request);
		return NULL;
	}
	order->page = page;
	order->who = *question->who;
	order->call.request = request;
	order->call.who = &order->who;
	json_init(&order->json, order->out);
	json_open_object(&order->json, NULL);
	json_string(&order->json, "do", name);
	return order;
}

/* Whether its text is whole. */
static bool close_text(struct page_order *order)
{
	const bool failed = ferror(order->out) != 0;
	const bool is_closed = fclose(order->out) == 0;
	order->out = NULL;
	return is_closed && !failed;
}

void page_order_drop(struct page_order *order)
{
	if (order == NULL)
		return;
	if (order->out != NULL)
		(void)close_text(order); /* nobody reads it */
	if (order->text != NULL)
		explicit_bzero(order->text, order->call.length);
	free(order->text);
	explicit_bzero(order, sizeof *order);
	free(order);
}

void page_order_send(struct page_order *order)
{
	json_close_object(&order->json);
	const bool is_whole = close_text(order);
	order->call.json = order->text;
	if (is_whole)
		page_call(order->page, &order->call);
	else
		refuse_memory(order->call.request);
	page_order_drop(order);
}

static void on_hashed(void *context, const struct hasher_done *done)
{
	struct page_order *order = context;
	if (done == NULL) { /* the duty ends, and nobody waits any more */
		page_order_drop(order);
		return;
	}
	if (done->result != 0) {
		refuse_memory(order->call.request);
		page_order_drop(order);
		return;
	}
	if (done->key[0] != '\0')
		json_string(&order->json, "key", done->key);
	if (done->kept[0] != '\0')
		json_string(&order->json, "password", done->kept);
	page_order_send(order);
}

void page_order_hash(struct page_order *order, const struct hasher_work *work)
{
	const struct hasher_call call = {on_hashed, order};
	const int result = hasher_add(page_hasher(order->page), work, &call);
	if (result == 0)
		return;
	if (result == -ENOBUFS)
		page_tell(order->call.request, BUSY(AGAIN_S, "passwords.many"),
		    "too many passwords are being hashed: wait for some seconds");
	else
		refuse_memory(order->call.request);
	page_order_drop(order);
}

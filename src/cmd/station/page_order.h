/*
 * page_order.h - a call to the keeper (page_call.h) while it is put together, which may take until
 * passwords are hashed (hasher.h). The page goes on meanwhile, and the request waits.
 */
#ifndef CMD_STATION_PAGE_ORDER_H
#define CMD_STATION_PAGE_ORDER_H

#include "base/json.h"
#include "cmd/station/hasher.h"
#include "cmd/station/page_call.h"

struct page_order {
	struct json json;      /* its arguments go here */
	struct page_call call; /* `answer` and `secret` may be set */
	struct page *page;
	struct page_who who;
	char *text;
	FILE *out;
};

/* A call by this name; NULL after the request was refused. What is in it is overwritten at last. */
struct page_order *page_order_new(struct page *page, struct http_request *request,
    const struct page_question *question, const char *name);
/* Each takes the order. The request was refused: */
void page_order_drop(struct page_order *order); /* NULL is allowed */
/* Sends it, or refuses the request. */
void page_order_send(struct page_order *order);
/* The same with "key" and "password", as of hasher_done, once they are there. */
void page_order_hash(struct page_order *order, const struct hasher_work *work);

#endif

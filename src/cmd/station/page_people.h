/*
 * page_people.h - whom a station watches for and tells, by the API: members, their contacts with
 * what became of their letters, exceptions, notices.
 */
#ifndef CMD_STATION_PAGE_PEOPLE_H
#define CMD_STATION_PAGE_PEOPLE_H

#include "cmd/station/page_routes.h"

extern const struct page_route page_member_routes[];
extern const struct page_route page_notice_routes[];

enum {
	/* Contacts of one member whose letters are listed for it (STORE_LIST_MAX). */
	PAGE_CONTACTS_MAX = STORE_LIST_MAX,
};

/*
 * The address of a contact as it is shown: of a web hook only where it leads, since the rest of it
 * may be a secret, as those of chat services are.
 */
enum {
	PAGE_ADDRESS_BYTES = 1024
};
void page_people_show_address(
    enum contact_kind kind, const char *address, char out[static PAGE_ADDRESS_BYTES]);

/* What is known of a contact when there is only its number. */
struct page_contact {
	bool is_there;
	int64_t member_id;                /* 0: the operator's */
	char address[PAGE_ADDRESS_BYTES]; /* as it is shown */
};
int page_people_find_contact(
    struct store *store, int64_t id, struct page_contact *ret_contact, struct complaint *complaint);

/*
 * A letter as an object. Its address is for whoever may see that contact, and no screen on a wall.
 * 0, or what the store gave, with a complaint in the answer.
 */
int page_people_write_notice(const struct page_question *question, struct page_answer *answer,
    const struct store_notice *notice);

#endif

/*
 * headline.h - one plain sentence that says which machine does what, no more surely than it was
 * seen: "Packets bearing the address ..., which may be forged, are ...".
 */
#ifndef NOTIFY_HEADLINE_H
#define NOTIFY_HEADLINE_H

#include <stdbool.h>

#include "detect/finding.h"
#include "notify/text.h"
#include "notify/wording.h"
#include "registry/registry.h"

enum {
	HEADLINE_BYTES = 2048, /* the longest sentence in any language with the longest name */
};

/* The member that stands for private addresses where none was given: it has no name of its own. */
bool headline_is_local(const struct registry *registry, int member);

/* "192.0.2.5 of example-town"; what is hidden in a name is made visible. */
void headline_add_who(struct text *text, enum language language, const struct registry *registry,
    const struct finding *finding);
void headline_add(struct text *text, enum language language, const struct registry *registry,
    const struct finding *finding);

#endif

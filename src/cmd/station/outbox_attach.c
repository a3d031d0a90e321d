/* outbox_attach.c - what goes with a letter for programs, in the format that its reader chose. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/outbox_internal.h"

static int write_export(
    const struct outbox *outbox, const struct draft *draft, struct outbox_attachment *attachment)
{
	const struct export_format *format = draft->contact->attach;
	size_t length = 0;
	const struct export_setting setting = {
	    .station = outbox->station,
	    .identity = outbox->identity,
	    .address = outbox->from,
	    .tlp = EXPORT_TLP_AMBER,
	    .language = draft->contact->language,
	    .now_us = draft->wall_us,
	};
	const struct export_incident incident = {
	    .id = draft->incident,
	    .member = draft->member,
	    .state = incident_state_name(draft->about->state),
	    .opened_us = draft->about->opened_us,
	    .changed_us = draft->observed_us,
	    .is_drill = draft->is_drill,
	    .finding = draft->finding,
	};
	attachment->name = export_format_file(format);
	attachment->type = export_format_media_type(format);
	int result = export_text(format, &setting, &incident, &attachment->made, &length);
	attachment->text = attachment->made;
	return result;
}

int outbox_attach(const struct outbox *outbox, const struct draft *draft,
    struct outbox_attachment *ret_attachment)
{
	*ret_attachment = (struct outbox_attachment){
	    .text = draft->letter->finding,
	    .name = "finding.json",
	    .type = "application/json",
	};
	if (draft->letter->table != NULL) {
		ret_attachment->text = draft->letter->table;
		ret_attachment->name = "incidents.csv";
		ret_attachment->type = "text/csv";
		return 0;
	}
	/* a letter without one is about nothing, or takes back what it was about */
	if (draft->letter->finding == NULL)
		return 0;
	if (draft->contact->attaches_nothing)
		ret_attachment->text = NULL;
	else if (draft->contact->attach != NULL && draft->about != NULL && draft->finding != NULL)
		return write_export(outbox, draft, ret_attachment);
	return 0;
}

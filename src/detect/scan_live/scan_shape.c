#include "detect/scan_live/scan_shape.h"

enum {
	ORDERED_PERCENT = 50,
	ORDER_MIN = 8, /* fewer targets fall into some order by chance */
	DENSE_MIN = 8,
	DENSE_SHARE = 4,
};

enum shape scan_shape(const struct dossier *dossier)
{
	const struct thresholds_scan_live *limits = &dossier->thresholds->scan_live;
	if (dossier->ports_of_target >= limits->ports)
		return dossier->deep_targets > 1 ? SHAPE_BLOCK : SHAPE_VERTICAL;
	if (dossier->protocol_count >= limits->protocols)
		return SHAPE_PROTOCOL;
	return SHAPE_HORIZONTAL;
}

bool scan_is_ordered(const struct dossier *dossier)
{
	return dossier->layout.sampled >= ORDER_MIN &&
	       dossier->layout.ordered_percent > ORDERED_PERCENT;
}

bool scan_is_dense(const struct dossier *dossier)
{
	return dossier->layout.densest >= DENSE_MIN &&
	       dossier->layout.densest * DENSE_SHARE >= dossier->layout.sampled;
}

void scan_add_layout_reasons(const struct dossier *dossier, struct finding *finding)
{
	if (scan_is_ordered(dossier))
		finding_add_reason(
		    finding, REASON_ADDRESS_ORDER, dossier->layout.ordered_percent, 0, 0);
	if (scan_is_dense(dossier))
		finding_add_reason(finding, REASON_DENSITY, (int64_t)dossier->layout.densest,
		    (int64_t)dossier->layout.sampled, 0);
}

/*
 * scan_shape.h - shape and layout of a scan, as both scan rules say it.
 */
#ifndef DETECT_SCAN_LIVE_SCAN_SHAPE_H
#define DETECT_SCAN_LIVE_SCAN_SHAPE_H

#include "detect/dossier.h"
#include "detect/finding.h"

/* Vertical or block when many ports of a target failed; protocol; else horizontal. */
enum shape scan_shape(const struct dossier *dossier);

/* More than half of the steps between consecutive targets are small and one-signed. */
bool scan_is_ordered(const struct dossier *dossier);
/* A quarter of the targets, and eight at least, lie in one /16 (IPv6: one /64). */
bool scan_is_dense(const struct dossier *dossier);

/* Adds REASON_ADDRESS_ORDER and REASON_DENSITY where they hold of several targets. */
void scan_add_layout_reasons(const struct dossier *dossier, struct finding *finding);

#endif

/*
 * detector.h - what a rule implements: one folder per rule with code, manual page, and its cases.
 */
#ifndef DETECT_DETECTOR_H
#define DETECT_DETECTOR_H

#include <stdbool.h>

#include "detect/dossier.h"
#include "detect/finding.h"

struct detector {
	enum rule rule;
	/*
	 * Judges one subject. Returns true and fills the finding (which dossier_begin_finding
	 * begins), or false. NULL where the rule is about members.
	 */
	bool (*judge)(const struct dossier *dossier, struct finding *ret_finding);
};

extern const struct detector detect_scan_dark;
extern const struct detector detect_scan_sweep;
extern const struct detector detect_scan_live;
extern const struct detector detect_ddos_victim;
extern const struct detector detect_ddos_incoming;
extern const struct detector detect_ddos_reflector;
extern const struct detector detect_config_stray;

#endif

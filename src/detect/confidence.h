/*
 * confidence.h - one way to turn a count into a confidence, so that rules compare.
 */
#ifndef DETECT_CONFIDENCE_H
#define DETECT_CONFIDENCE_H

#include <stdint.h>

/*
 * 0.8 when the count is just at its threshold, rising towards 0.99 as the count outgrows it:
 * 1 - 0.2 * threshold / count, cut at 0.99. Below the threshold it falls linearly to 0.
 */
static inline double confidence_of(uint64_t count, uint64_t threshold)
{
	if (count < threshold)
		return 0.8 * (double)count / (double)threshold;
	double confidence = 1 - 0.2 * (double)threshold / (double)count;
	return confidence > 0.99 ? 0.99 : confidence;
}

#endif

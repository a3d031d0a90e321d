/*
 * sandbox_internal.h - the two halves of the sandbox.
 */
#ifndef PROC_SANDBOX_INTERNAL_H
#define PROC_SANDBOX_INTERNAL_H

#include <stdbool.h>

#include "proc/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* The kernel's Landlock ABI; 0 when it has none, also where a container forbids to ask. */
int landlock_abi(void);
/* Whether that ABI can hold TCP to ports. */
bool landlock_has_ports(int abi);
/* 0 or a negative errno. */
int landlock_enter(const struct sandbox_profile *profile, int abi, struct complaint *complaint);

bool seccomp_is_there(void);
/* 0 or a negative errno. */
int seccomp_enter(const struct sandbox_profile *profile, struct complaint *complaint);

#endif

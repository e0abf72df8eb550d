// SPDX-License-Identifier: Apache-2.0
// What Swift's module Glibc leaves out of glibc.
#pragma once
#include <malloc.h>
#include <sched.h>

// sched.h declares these only for _GNU_SOURCE, and Swift has read it without that before.
int sched_getcpu(void);
int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *processors);
int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t *processors);

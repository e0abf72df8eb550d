// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <sys/types.h>

// glibc has these two, and declares them only for GNU programs, which Swift's are not.
extern pid_t gettid(void);
extern int memfd_create(const char *name, unsigned int flags);

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

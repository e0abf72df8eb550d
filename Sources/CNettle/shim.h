// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nettle/sha2.h>
#include <nettle/version.h>

// Writes the 32 bytes of the hash. Nettle 4 takes no length.
static inline void virtmem_sha256_digest(struct sha256_ctx *context, uint8_t *digest) {
#if NETTLE_VERSION_MAJOR >= 4
  nettle_sha256_digest(context, digest);
#else
  nettle_sha256_digest(context, 32, digest);
#endif
}

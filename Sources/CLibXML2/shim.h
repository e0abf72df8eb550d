// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

// `xmlFree` is a global function pointer, which Swift 6 refuses to read as not concurrency-safe.
static inline void virtmem_xml_free(void *pointer) { xmlFree(pointer); }

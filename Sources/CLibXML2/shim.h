// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libxml/SAX2.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/uri.h>
#include <libxml/xmlerror.h>

// `xmlFree` is a global function pointer, which Swift 6 refuses to read as not concurrency-safe.
// Swift can't form a variadic C function: what libxml2 would print on standard error goes nowhere,
// on this thread and on those that begin later.
static inline void virtmem_xml_say_nothing(void *context, const char *message, ...) {
  (void)context;
  (void)message;
}
static inline void virtmem_xml_silence(void) {
  xmlSetGenericErrorFunc(NULL, virtmem_xml_say_nothing);
  xmlThrDefSetGenericErrorFunc(NULL, virtmem_xml_say_nothing);
}

static inline void virtmem_xml_free(void *pointer) { xmlFree(pointer); }

// SPDX-License-Identifier: Apache-2.0
// The CPU time in milliseconds that libxml2 alone takes to parse a definition COUNT times.
//   parse FILE COUNT
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

int main(int argc, char **argv) {
  static char text[1 << 16];
  if (argc != 3) return 64;
  FILE *file = fopen(argv[1], "r");
  if (!file) return 1;
  int size = (int)fread(text, 1, sizeof text, file);
  for (int count = atoi(argv[2]); count > 0; count--) {
    xmlDocPtr document = xmlReadMemory(text, size, NULL, NULL, XML_PARSE_NONET);
    if (!document) return 1;
    xmlFreeDoc(document);
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("%ld\n", (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
                      + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
  return 0;
}

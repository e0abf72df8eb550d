// SPDX-License-Identifier: Apache-2.0
// The bare floor of `virtmem plan`: one read-only connection, 8 threads, and for each domain
// virDomainGetXMLDesc and virDomainIsActive.
//   floor URI
//   floor --peak COMMAND…     runs the command and prints its peak memory in KiB
#include <libvirt/libvirt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static virDomainPtr *domains;
static int count;
static atomic_int next;
static atomic_int failures;

static void *read_some(void *unused) {
  (void)unused;
  for (int index; (index = atomic_fetch_add(&next, 1)) < count;) {
    char *xml = virDomainGetXMLDesc(domains[index], 0);
    if (xml == NULL || virDomainIsActive(domains[index]) < 0) atomic_fetch_add(&failures, 1);
    free(xml);
    virDomainFree(domains[index]);
  }
  return NULL;
}

static int print_peak(char **command) {
  pid_t child = fork();
  if (child == 0) {
    if (freopen("/dev/null", "w", stdout) != NULL) execv(command[0], command);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) return 1;
  printf("%ld\n", usage.ru_maxrss);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 2 && strcmp(argv[1], "--peak") == 0) return print_peak(argv + 2);
  virConnectPtr connection = argc == 2 ? virConnectOpenReadOnly(argv[1]) : NULL;
  if (connection == NULL) return 1;
  count = virConnectListAllDomains(connection, &domains, 0);
  pthread_t threads[8];
  for (int index = 0; index < 8; index++) pthread_create(&threads[index], NULL, read_some, NULL);
  for (int index = 0; index < 8; index++) pthread_join(threads[index], NULL);
  free(domains);
  virConnectClose(connection);
  return count < 0 || failures > 0;
}
